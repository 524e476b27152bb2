"""Shapes that two doors speak: OCPP frames and messages, and the JSON of the Partner API and its webhooks."""
