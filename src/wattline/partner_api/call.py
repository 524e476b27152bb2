"""One request on its way through the door."""

from dataclasses import dataclass
from datetime import datetime

from wattline.database.bus import Bus
from wattline.database.connection import Database
from wattline.domain.access import Viewer
from wattline.operations.api_tokens import Credential
from wattline.operations.chance import Chance
from wattline.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Who asks, when, and what is at hand to answer. Only the calls that get tokens come without a credential."""

    database: Database
    bus: Bus
    settings: Settings
    chance: Chance
    now: datetime
    credential: Credential | None

    @property
    def viewer(self) -> Viewer:
        """Whose eyes the question is asked with."""
        assert self.credential is not None
        return self.credential.viewer

    @property
    def web_url(self) -> str:
        """Where people find us."""
        return self.settings.web.url
