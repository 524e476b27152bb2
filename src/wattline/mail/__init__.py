"""The way out for letters."""
