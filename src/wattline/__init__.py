"""Wattline: an open, self-hosted charge point management system."""
