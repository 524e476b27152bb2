"""Who may charge when nobody can be asked: the local list, the cache, and the rules for both (OCPP 1.6 section 3.5)."""

from dataclasses import dataclass, field
from datetime import datetime

from wattline.emulator.configuration import Configuration

ACCEPTED = "Accepted"
INVALID = "Invalid"
CACHE_MAX = 1000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of a charge key: OCPP's status, until when, and its group."""

    status: str
    expires_at: datetime | None = None
    parent_id_tag: str | None = None

    def at(self, now: datetime) -> "Verdict":
        """The verdict now: an accepted key may have expired since."""
        if self.status == ACCEPTED and self.expires_at is not None and self.expires_at <= now:
            return Verdict("Expired", self.expires_at, self.parent_id_tag)
        return self


@dataclass(slots=True)
class Admission:
    """The local list and the cache. Keys are compared without regard to case, as idTag is a CiString."""

    list_version: int = 0
    listed: dict[str, Verdict] = field(default_factory=dict)
    cached: dict[str, Verdict] = field(default_factory=dict)

    def remember(self, id_tag: str, verdict: Verdict) -> None:
        """Note what the central system said of a key; the oldest notes make room."""
        self.cached.pop(id_tag.upper(), None)
        self.cached[id_tag.upper()] = verdict
        if len(self.cached) > CACHE_MAX:
            del self.cached[next(iter(self.cached))]

    def known(self, id_tag: str, keys: Configuration, now: datetime) -> Verdict | None:
        """What list or cache say of a key. The list is the central system's own word and goes before the cache."""
        tag = id_tag.upper()
        if keys.is_on("LocalAuthListEnabled") and tag in self.listed:
            return self.listed[tag].at(now)
        if keys.is_on("AuthorizationCacheEnabled") and tag in self.cached:
            return self.cached[tag].at(now)
        return None

    def decide_alone(self, id_tag: str, keys: Configuration, now: datetime) -> Verdict:
        """Decide without the central system."""
        known = self.known(id_tag, keys, now) if keys.is_on("LocalAuthorizeOffline") else None
        if known is not None:
            return known
        return Verdict(ACCEPTED if keys.is_on("AllowOfflineTxForUnknownId") else INVALID)

    def decide_early(self, id_tag: str, keys: Configuration, now: datetime) -> Verdict | None:
        """Decide without asking although we could, or None: only a good word may be taken from memory."""
        if not keys.is_on("LocalPreAuthorize"):
            return None
        known = self.known(id_tag, keys, now)
        return known if known is not None and known.status == ACCEPTED else None
