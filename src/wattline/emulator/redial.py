"""How long a charge point waits before it dials again."""

# A network that is back should be noticed soon; a server that is down should not be hammered by thousands.
SOON_SECONDS = 1.0
LATE_SECONDS = 60.0
# A wrong password gets right only when somebody does something about it.
REFUSED_SOON_SECONDS = 30.0
REFUSED_LATE_SECONDS = 600.0

# What a server says to those it does not know.
REFUSALS = frozenset({401, 403, 404})


def redial_seconds(failures: int, *, status: int | None, chance: float) -> float:
    """Tell how long to wait after so many failures in a row: doubling, and spread by `chance` (0 to 1) so that a
    whole fleet does not come back in one second. `status` is the HTTP answer, if there was one."""
    refused = status in REFUSALS
    soon, late = (REFUSED_SOON_SECONDS, REFUSED_LATE_SECONDS) if refused else (SOON_SECONDS, LATE_SECONDS)
    doublings = min(max(failures, 1) - 1, 16)
    longest = min(late, soon * float(1 << doublings))
    return longest * (0.5 + chance / 2)
