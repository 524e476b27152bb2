"""What a box told of its settings when somebody last asked, for the gateway."""

from collections.abc import Mapping

from wattline.database.connection import Connection


async def told_configuration(connection: Connection, charge_point_id: int) -> Mapping[str, str]:
    """Return its settings by their keys, as the box spells both. Secrets are not among them."""
    rows = await connection.fetch(
        "select key, value from configuration_key where charge_point_id = $1 and value is not null", charge_point_id
    )
    return {row["key"]: row["value"] for row in rows}
