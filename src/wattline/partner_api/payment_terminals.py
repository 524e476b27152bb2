"""Payment terminals that stand beside charge points."""

from http import HTTPStatus
from typing import Annotated

from msgspec import Meta, Struct

from wattline.operations import payment_terminals as verbs
from wattline.partner_api.bodies import Id, PageQuery
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries.partner_payment_terminals import TerminalFilter, find_terminals, terminal_by_id, terminals_by_ids
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.payment_terminals import PaymentTerminal, payment_terminal_of

payment_terminals = Group("Payment terminals")


class TerminalQuery(PageQuery, kw_only=True):
    """Which terminals."""

    serial: str | None = None
    team_id: Id | None = None
    include_deleted: bool = False


# The one body of the API whose key is written with underscores.
class AssignChargePoints(Struct, kw_only=True):
    """All charge points that the terminal serves from now on; an empty list takes them all away."""

    charge_point_ids: Annotated[list[Id], Meta(max_length=1000)]


@payment_terminals.route("GET", "/payment-terminals", "get-payment-terminals", "payment-terminals:read")
async def get_payment_terminals(call: Call, query: TerminalQuery) -> Page[PaymentTerminal]:
    """List payment terminals."""
    wanted = TerminalFilter(serial=query.serial, team_id=query.team_id, include_deleted=query.include_deleted)
    async with call.database.read() as connection:
        found = await find_terminals(connection, wanted, query.window, viewer=call.viewer)
        rows = await terminals_by_ids(connection, found.ids)
    return page_of([payment_terminal_of(row) for row in rows], found, query.window)


@payment_terminals.route(
    "GET", "/payment-terminals/{paymentTerminalId}", "get-payment-terminal", "payment-terminals:read"
)
async def get_payment_terminal(call: Call, payment_terminal_id: str) -> PaymentTerminal:
    """Show one payment terminal. Its id is a text of type and number, like `payter_123`."""
    async with call.database.read() as connection:
        return payment_terminal_of(await terminal_by_id(connection, payment_terminal_id, viewer=call.viewer))


@payment_terminals.route(
    "PUT", "/payment-terminals/{paymentTerminalId}/charge-points", "apply-payment-terminal-to-charge-points",
    "payment-terminals:write", success=HTTPStatus.NO_CONTENT,
)  # fmt: skip
async def put_charge_points(call: Call, payment_terminal_id: str, body: AssignChargePoints) -> None:
    """Say which charge points a terminal of type payter, nayax or cpi serves: these, and no others any more."""
    async with call.database.read() as connection:
        terminal = await terminal_by_id(connection, payment_terminal_id, viewer=call.viewer)
    await verbs.assign_charge_points(
        call.database, terminal["id"], body.charge_point_ids, asked_by=call.viewer, now=call.now
    )
