"""How many of the charges that people tried to start gave energy: the figure drivers feel most."""

# So few starts say nothing about a charge point.
STARTS_MIN = 5
# Below this share of starts that worked somebody should look.
GOOD_PERCENT = 90.0


def success_percent(*, tried: int, worked: int) -> float | None:
    """Return the share of starts that worked. A start worked when energy flowed; None when nobody tried."""
    assert 0 <= worked <= tried, "more starts worked than were tried"
    return 100 * worked / tried if tried else None


def is_low(*, tried: int, worked: int) -> bool:
    """Tell whether so many starts fail that somebody should look; a few tries prove nothing."""
    share = success_percent(tried=tried, worked=worked)
    return share is not None and tried >= STARTS_MIN and share < GOOD_PERCENT
