"""The door for partners' programs: the Partner API, version 1."""
