"""The Partner API's JSON shapes, which its answers and our webhooks share."""
