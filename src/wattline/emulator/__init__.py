"""A charge point in software: for partners without hardware, for tests, and for the demo."""
