"""Wattline: an open, self-hosted charge point management system."""

__version__ = "0.1.0"
