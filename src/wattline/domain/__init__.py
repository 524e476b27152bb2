"""The rules of charging. Pure: no I/O, no clock, no randomness; one file per business noun."""
