"""Write lines to the logs of charge points."""

from collections.abc import Sequence

from wattline.database.connection import Transaction
from wattline.domain.facts import Fact, LogLineWritten
from wattline.domain.log_lines import LogLine

INSERT = """
insert into log_line (operator_id, charge_point_id, connector_number, at, told_at, kind, charge_id, detail, message_id)
select * from unnest($1::bigint[], $2::bigint[], $3::int[], $4::timestamptz[], $5::timestamptz[], $6::text[],
  $7::bigint[], $8::jsonb[], $9::text[])
"""


async def write(tx: Transaction, lines: Sequence[LogLine]) -> list[Fact]:
    """Append lines; return the facts that make open log pages follow, for the caller's one call of `outbox.add`."""
    if not lines:
        return []
    await tx.execute(
        INSERT,
        [line.operator_id for line in lines],
        [line.charge_point_id for line in lines],
        [line.connector_number for line in lines],
        [line.at for line in lines],
        [line.told_at for line in lines],
        [line.kind for line in lines],
        [line.charge_id for line in lines],
        [dict(line.detail) for line in lines],
        [line.message_id for line in lines],
    )
    written = {line.charge_point_id: line.operator_id for line in lines}
    return [
        LogLineWritten(entity_id=box, operator_ids=(operator,), team_ids=(), charge_point_id=box)
        for box, operator in written.items()
    ]
