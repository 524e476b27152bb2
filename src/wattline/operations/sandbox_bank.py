"""The sandbox's bank: pretended cards and pretended money in our own database, so that everything can be tried out.

It keeps itself to a provider's rules: asking again with the same key does nothing twice, a hold is captured once, and
no more goes back than was taken. Nothing here is money.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wattline.database.connection import Connection, Database, Transaction
from wattline.domain.payment_provider import CardFace, Standing


@dataclass(frozen=True, slots=True)
class SandboxCard:
    """A pretended card and what it does."""

    token: str
    label: str
    last4: str
    holds: str  # the state that a hold with it begins in
    code: str | None = None


CARDS = (
    SandboxCard("sandbox-pays", "Sandbox card that pays", "4242", "held"),
    SandboxCard("sandbox-declines", "Sandbox card that is declined", "0002", "refused", "card_declined"),
    SandboxCard("sandbox-no-funds", "Sandbox card without funds", "9995", "refused", "insufficient_funds"),
    SandboxCard("sandbox-asks", "Sandbox card whose bank asks first", "3155", "needs-action"),
)
BY_TOKEN = {card.token: card for card in CARDS}

# As most cards' banks do.
HOLD_LASTS = timedelta(days=7)

ADD = """
insert into sandbox_payment (ref, payment_key, card, currency, amount_minor, state, code, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (payment_key) do nothing
"""
STANDING = """
select p.*, coalesce(sum(r.amount_minor), 0)::bigint as refunded_minor,
  array_remove(array_agg(r.key), null) as refund_keys
from sandbox_payment p left join sandbox_refund r using (ref) where p.ref = $1 group by p.ref
"""


class BankRefuses(Exception):
    """The pretended bank says no; `code` is its word."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def face_of(card: SandboxCard) -> CardFace:
    """What a receipt prints of it."""
    return CardFace(brand="sandbox", last4=card.last4, expires_month=12, expires_year=2099)


def ref_of(payment_key: str) -> str:
    """Name a pretended payment after ours."""
    return f"sandbox_{payment_key}"


async def hold(
    database: Database, payment_key: str, *, card: str, amount_minor: int, currency: str, now: datetime
) -> Standing:
    """Hold pretended money. Raises BankRefuses for a card that no sandbox has."""
    kind = BY_TOKEN.get(card)
    if kind is None:
        raise BankRefuses("no_such_card", f"The sandbox has no card '{card[:40]}'. It has {', '.join(BY_TOKEN)}.")
    ref = ref_of(payment_key)
    async with database.begin() as tx:
        await tx.execute(ADD, ref, payment_key, card, currency, amount_minor, kind.holds, kind.code, now)
        return await _told(tx, ref)


async def standing(database: Database, ref: str) -> Standing | None:
    """Tell how a pretended payment stands; None when there is none."""
    async with database.read() as connection:
        return await _found(connection, ref)


async def capture(database: Database, ref: str, amount_minor: int) -> Standing:
    """Take pretended money. Raises BankRefuses."""
    async with database.begin() as tx:
        taken = await tx.fetchval(
            "update sandbox_payment set state = 'captured', captured_minor = $2 "
            "where ref = $1 and state = 'held' and $2 between 1 and amount_minor returning ref",
            ref, amount_minor,
        )  # fmt: skip
        if taken is None:
            raise BankRefuses("cannot_capture", "Nothing is held there, or less than that.")
        return await _told(tx, ref)


async def cancel(database: Database, ref: str) -> Standing:
    """Let go of pretended money. Raises BankRefuses."""
    async with database.begin() as tx:
        gone = await tx.fetchval(
            "update sandbox_payment set state = 'cancelled' "
            "where ref = $1 and state in ('held', 'needs-action', 'refused', 'cancelled') returning ref",
            ref,
        )
        if gone is None:
            raise BankRefuses("cannot_cancel", "It was captured already, or is not known.")
        return await _told(tx, ref)


async def refund(database: Database, ref: str, amount_minor: int, *, key: str, now: datetime) -> Standing:
    """Give pretended money back; the same key gives it back once. Raises BankRefuses."""
    async with database.begin() as tx:
        row = await tx.fetchrow("select * from sandbox_payment where ref = $1 for update", ref)
        if row is None or row["state"] != "captured":
            raise BankRefuses("cannot_refund", "Nothing was taken there.")
        known = await tx.fetchval("select ref from sandbox_refund where key = $1", key)
        now_back = await _told(tx, ref)
        if known is None:
            if now_back.refunded_minor + amount_minor > row["captured_minor"]:
                raise BankRefuses("refund_too_large", "More would go back than was taken.")
            await tx.execute("insert into sandbox_refund values ($1, $2, $3, $4)", key, ref, amount_minor, now)
        return await _told(tx, ref)


async def confirm(database: Database, ref: str, *, approve: bool) -> bool:
    """Answer the pretended bank's question. False when it asked none."""
    state, code = ("held", None) if approve else ("refused", "authentication_failed")
    async with database.begin() as tx:
        return (
            await tx.fetchval(
                "update sandbox_payment set state = $2, code = $3 where ref = $1 and state = 'needs-action' "
                "returning true",
                ref, state, code,
            )
            or False
        )  # fmt: skip


async def _told(tx: Transaction, ref: str) -> Standing:
    found = await _found(tx, ref)
    assert found is not None
    return found


async def _found(connection: Connection, ref: str) -> Standing | None:
    row = await connection.fetchrow(STANDING, ref)
    if row is None:
        return None
    card = BY_TOKEN[row["card"]]
    asks = row["state"] == "needs-action"
    return Standing(
        state=row["state"],
        provider_ref=ref,
        captured_minor=row["captured_minor"] if row["state"] == "captured" else None,
        refunded_minor=row["refunded_minor"],
        refund_keys=frozenset(row["refund_keys"]),
        action={"url": f"/payments/sandbox/{ref}"} if asks else None,
        capture_before=row["created_at"] + HOLD_LASTS,
        card=face_of(card),
        code=row["code"],
        text="The sandbox declined this card." if row["state"] == "refused" else None,
    )
