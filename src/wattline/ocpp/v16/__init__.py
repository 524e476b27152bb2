"""OCPP 1.6: what its messages mean to us. Its spelling and units end in this folder."""
