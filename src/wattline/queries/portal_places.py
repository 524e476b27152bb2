"""Sites and teams to choose from."""

from dataclasses import dataclass

from wattline.database.connection import Connection
from wattline.domain.access import Viewer


@dataclass(frozen=True, slots=True)
class Place:
    """A site or team by name; sites say whose they are."""

    id: int
    name: str
    team_id: int


@dataclass(frozen=True, slots=True)
class Places:
    """Everything the viewer may choose from, by name."""

    sites: list[Place]
    teams: list[Place]


# A menu longer than this helps nobody; such networks search instead.
CHOICES_MAX = 500


async def list_places(connection: Connection, viewer: Viewer) -> Places:
    """List the viewer's sites and teams."""
    sites = await connection.fetch(
        """
        select id, name, team_id from site where operator_id = any($1) and ($2::bigint[] is null or team_id = any($2))
          and deleted_at is null order by name, id limit $3
        """,
        viewer.operator_ids, viewer.team_ids, CHOICES_MAX,
    )  # fmt: skip
    teams = await connection.fetch(
        """
        select id, name, id as team_id from team where operator_id = any($1) and ($2::bigint[] is null or id = any($2))
          and deleted_at is null order by name, id limit $3
        """,
        viewer.operator_ids, viewer.team_ids, CHOICES_MAX,
    )  # fmt: skip
    return Places([Place(**dict(row)) for row in sites], [Place(**dict(row)) for row in teams])
