"""What the process of a gateway asks of its system and of Python: room for many sockets, garbage collected seldom."""

import gc
import resource

# Python looks through everything it holds each time so many new objects have outlived so many looks. With the usual
# 700, 10, 10 and thousands of boxes that takes a seventh of the time; nearly all our objects go without its help.
GARBAGE_THRESHOLDS = (10_000, 20, 50)


def prepare_process() -> None:
    """Prepare for thousands of boxes. Raises nothing: a system that grants little serves as many as it can."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    gc.set_threshold(*GARBAGE_THRESHOLDS)
