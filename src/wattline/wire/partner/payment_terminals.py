"""A payment terminal, in JSON."""

from typing import Any, Literal

from wattline.wire.partner.shapes import Shape, Time

# Newer kinds are told as they are, where the first version of the API knew payter and other only.
TerminalType = Literal["payter", "nayax", "cpi", "local", "other"]


class PaymentTerminal(Shape, kw_only=True):
    """A terminal that stands beside charge points. Its id is a text of type and number, like `payter_123`."""

    id: str
    type: TerminalType
    team_id: int | None
    charge_point_ids: list[int]
    serial: str
    name: str
    is_connected: bool | None
    connected_at: Time | None
    created_at: Time
    updated_at: Time | None
    deleted_at: Time | None


def payment_terminal_of(row: Any) -> PaymentTerminal:
    """Make a terminal of a row of queries/partner_payment_terminals.py."""
    return PaymentTerminal(
        id=f"{row['type']}_{row['id']}",
        type=row["type"],
        team_id=row["team_id"],
        charge_point_ids=row["charge_point_ids"],
        serial=row["serial"],
        name=row["name"],
        is_connected=row["connected"],
        connected_at=row["connected_at"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        deleted_at=row["deleted_at"],
    )
