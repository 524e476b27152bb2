"""The emulator's clock: the wall's, or one that runs faster for tests and impatient people."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Model time: it was `began_at` when the clock was made, and runs `speed` times as fast as the wall's."""

    __slots__ = ("_began_at", "_wall_began_at", "speed")

    def __init__(self, began_at: datetime, *, speed: float = 1.0) -> None:
        assert speed > 0
        self._began_at = began_at
        self._wall_began_at = datetime.now(UTC)
        self.speed = speed

    @classmethod
    def from_now(cls, *, speed: float = 1.0) -> "Clock":
        """A clock that begins with the wall's time."""
        return cls(datetime.now(UTC), speed=speed)

    def now(self) -> datetime:
        """The model time now."""
        return self._began_at + (datetime.now(UTC) - self._wall_began_at) * self.speed

    def seconds_until(self, at: datetime) -> float:
        """How many real seconds are left until a model time; never negative."""
        return max(0.0, (at - self.now()) / timedelta(seconds=1) / self.speed)
