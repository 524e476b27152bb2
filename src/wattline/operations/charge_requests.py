"""Asking for a charge: may they, is the connector free, can the box be reached; then it exists and the box is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from asyncpg import Record

from wattline.database import outbox
from wattline.database.connection import Database, Transaction
from wattline.database.deadlock import despite_deadlocks
from wattline.domain import charge_steps as life
from wattline.domain.access import Viewer
from wattline.domain.charge import CLAIMING, RESERVATION_LASTS
from wattline.domain.charge_events import Event, Overtaken, PaymentAsked, Reserved, StartAsked
from wattline.domain.charge_record import Charge
from wattline.domain.charge_steps import Step
from wattline.domain.facts import Fact
from wattline.domain.limits import Limits
from wattline.domain.refusals import (
    ConnectorBusy,
    Invalid,
    NoContact,
    NotConnectedToHardware,
    NothingPluggedIn,
    NotReady,
    TeamFrozen,
    Unknown,
)
from wattline.domain.values import ChargeState
from wattline.operations import audit, card_payments, charge_store
from wattline.operations.card_payments import CardToPay
from wattline.operations.chance import Chance
from wattline.operations.charge_accounts import lock_purses
from wattline.operations.charge_funding import fund_asked, fund_by_card


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRequest:
    """What somebody asks for. Energy in Wh, money in minor units of the connector's currency.

    `paying_team_id` None: the team of the connector pays. `payment_session` is kept as given, camelCase keys. `card`
    pays instead of the team. `must_be_plugged_in`: refuse unless a cable is in a car (the Portal); else the driver has
    5 minutes to plug in.
    """

    connector_id: int
    paying_team_id: int | None = None
    reserve: bool = False
    energy_limit_wh: int | None = None
    soc_limit_percent: Decimal | None = None
    price_limit_minor: int | None = None
    price_group_id: int | None = None
    payment_session: dict[str, Any] | None = None
    partner_external_id: str | None = None
    partner_custom_payload: object | None = None
    start_source: str
    user_id: int | None = None
    api_key_id: int | None = None
    must_be_plugged_in: bool = False
    card: CardToPay | None = None


async def request_charge(
    database: Database, request: StartRequest, *, asked_by: Viewer, chance: Chance, now: datetime
) -> Charge:
    """Let a charge come into being and tell the box to begin it, or hold the connector for it.

    Raises Unknown, Invalid, TeamFrozen, NotConnectedToHardware, NotReady, NoContact, NothingPluggedIn, ConnectorBusy,
    NoPrice, FundsMissing when the payer's wallet has less than the charge may cost, and CardNotReady. What the bank of
    a card says comes later: the charge waits in state paying (card_charges.py).
    """
    Limits(request.energy_limit_wh, request.soc_limit_percent, request.price_limit_minor).must_be_possible()
    if request.card is not None and (request.reserve or request.payment_session):
        raise Invalid("card", "pays for a charge that begins at once, and not at a payment terminal.")
    return await despite_deadlocks(lambda: _request(database, request, asked_by, chance, now))


async def _request(
    database: Database, request: StartRequest, asked_by: Viewer, chance: Chance, now: datetime
) -> Charge:
    async with database.begin() as tx:
        await charge_store.lock_connector(tx, request.connector_id)
        connector = await _connector_for(tx, request, asked_by)
        payer = await _payer_for(tx, request.paying_team_id or connector["team_id"], asked_by)
        await lock_purses(tx, request.connector_id, team_id=payer["id"], user_id=None)
        facts = await _take_over(tx, request.connector_id, asked_by, now)
        draft = await _draft(tx, request, connector, payer, chance, now)
        if request.card is None:
            draft = await fund_asked(tx, draft, asked_by=asked_by.name, now=now)
            step = life.birth(draft, _first_event(request, connector, chance, now), now=now)
            facts += await charge_store.apply(tx, step, asked_by=asked_by.name, now=now)
        else:
            step, told = await _begin_paying(tx, draft, request.card, asked_by, now)
            facts += told
        await outbox.add(tx, facts, now=now)
        await audit.note(tx, asked_by, "start", "charge", step.charge.id, now=now)
    return step.charge


async def _begin_paying(
    tx: Transaction, draft: Charge, card: CardToPay, asked_by: Viewer, now: datetime
) -> tuple[Step, list[Fact]]:
    """Let a charge wait for its card; a free one begins at once."""
    await card_payments.must_be_usable(tx, card, asked_by=asked_by)
    draft, amount_minor = await fund_by_card(tx, draft, now=now)
    step = life.birth(draft, PaymentAsked(at=now) if amount_minor else StartAsked(at=now), now=now)
    facts = await charge_store.apply(tx, step, asked_by=asked_by.name, now=now)
    if amount_minor:
        await card_payments.ask_for_hold(tx, step.charge, card, amount_minor, now=now)
    return step, facts


async def _connector_for(tx: Transaction, request: StartRequest, asked_by: Viewer) -> Record:
    connector = await tx.fetchrow(CONNECTOR, request.connector_id)
    if connector is None or not asked_by.sees(connector["operator_id"], connector["team_id"]):
        raise Unknown("charge point", request.connector_id)
    if connector["charge_point_id"] is None:
        raise NotConnectedToHardware
    if connector["maintenance_at"] is not None:
        raise NotReady("The charge point is under maintenance. End the maintenance first.")
    if not connector["in_contact"]:
        raise NoContact
    if request.reserve and connector["active_at"] is None:
        raise NotReady("The charge point is inactive: it can be started and stopped for testing, but not reserved.")
    if request.must_be_plugged_in and not connector["cable_plugged_in"]:
        raise NothingPluggedIn
    return connector


async def _payer_for(tx: Transaction, team_id: int, asked_by: Viewer) -> Record:
    payer = await tx.fetchrow(PAYER, team_id)
    if payer is None or not asked_by.sees(payer["operator_id"], team_id):
        raise Unknown("team", team_id)
    if payer["frozen_at"] or payer["blocked_at"]:
        raise TeamFrozen(payer["frozen_reason"])
    return payer


async def _take_over(tx: Transaction, connector_id: int, asked_by: Viewer, now: datetime) -> list[Fact]:
    """Refuse while a charge wants the connector; close one that is over and only waits for its cable."""
    facts: list[Fact] = []
    for other in await charge_store.unfinished(tx, connector_id):
        if other.state in CLAIMING:
            raise ConnectorBusy(other.id)
        step = life.step(other, Overtaken(at=now), now=now)
        facts += await charge_store.apply(tx, step, asked_by=asked_by.name, now=now)
    return facts


def _first_event(request: StartRequest, connector: Record, chance: Chance, now: datetime) -> Event:
    if not request.reserve:
        return StartAsked(at=now)
    minutes = connector["reservation_time_minutes"]
    lasts = timedelta(minutes=minutes) if minutes else RESERVATION_LASTS
    return Reserved(at=now, until=now + lasts, reservation_id=chance.transaction_id())


async def _draft(
    tx: Transaction, request: StartRequest, connector: Record, payer: Record, chance: Chance, now: datetime
) -> Charge:
    return Charge(
        id=await charge_store.next_id(tx),
        operator_id=connector["operator_id"],
        team_id=connector["team_id"],
        site_id=connector["site_id"],
        connector_id=connector["id"],
        charge_point_id=connector["charge_point_id"],
        connector_number=connector["number"],
        human_readable_id=chance.human_id(),
        state=ChargeState.OTHER,
        type="operator" if payer["operator_id"] == connector["operator_id"] else "external",
        start_source=request.start_source,
        paying_team_id=payer["id"],
        paying_operator_id=payer["operator_id"],
        user_id=request.user_id,
        api_key_id=request.api_key_id,
        id_tag=chance.tag(),
        energy_limit_wh=request.energy_limit_wh,
        soc_limit_percent=request.soc_limit_percent,
        price_limit_minor=request.price_limit_minor,
        price_group_id=request.price_group_id,
        currency=connector["currency"],
        payment_session=request.payment_session,
        partner_external_id=request.partner_external_id,
        partner_custom_payload=request.partner_custom_payload,
        cable_plugged_in_at=connector["plugged_in_at"],
        created_at=now,
        updated_at=now,
    )


# When a cable is in already, the status that told so is when it was plugged in, near enough.
CONNECTOR = """
select k.id, k.operator_id, k.team_id, k.site_id, k.charge_point_id, k.number, k.maintenance_at, k.active_at,
       k.reservation_time_minutes, team.currency, live.cable_plugged_in,
       case when live.cable_plugged_in then live.status_at end as plugged_in_at,
       exists (select from lease where charge_point_id = k.charge_point_id) as in_contact
from connector k join team on team.id = k.team_id join connector_live live on live.connector_id = k.id
where k.id = $1 and k.deleted_at is null
"""

PAYER = """
select id, operator_id, frozen_at, frozen_reason, blocked_at from team where id = $1 and deleted_at is null
"""
