"""`wattline terminal`: plays a payment terminal's provider against any server, over the Partner API alone."""


class BadTerminal(Exception):
    """The command line makes no sense; the text says why."""
