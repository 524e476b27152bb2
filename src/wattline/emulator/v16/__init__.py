"""How the emulated charge point speaks OCPP 1.6: everything that knows this version's spelling is in this folder."""
