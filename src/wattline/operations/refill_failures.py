"""A card that did not fill a wallet: automatic filling is switched off, and whose wallet it is gets a letter."""

from datetime import datetime

from asyncpg import Record

from wattline.database.connection import Transaction
from wattline.operations.mails import Letter, write_letter

TEXT = """Your wallet could not be filled from your card{why}.

It no longer fills itself. Add the card again or choose another, and switch automatic refill on again; until then,
charges begin only with what is in the wallet.
"""


async def tell_of_failure(tx: Transaction, refill: Record, why: str | None, *, now: datetime) -> None:
    """Do what follows from a filling that failed. Whoever asked for it by hand has seen it fail."""
    if refill["automatic"]:
        await stop_filling(tx, refill["wallet_id"], why, now=now)


async def stop_filling(tx: Transaction, wallet_id: int, why: str | None, *, now: datetime) -> None:
    """Switch automatic filling off and write a letter, where there is somebody to write to."""
    row = await tx.fetchrow(SWITCH_OFF, wallet_id, now)
    assert row is not None
    address = await address_of(tx, row["owner_type"], row["owner_id"])
    if address is None:
        return
    letter = Letter(
        operator_id=row["operator_id"],
        to_address=address,
        kind="wallet-refill-failed",
        subject="Your wallet could not be filled",
        text=TEXT.format(why=f": {why.rstrip('.')}" if why else ""),
    )
    await write_letter(tx, letter, now=now)


async def address_of(tx: Transaction, owner_type: str, owner_id: int) -> str | None:
    """Find who is written to about a wallet; None when nobody said."""
    address: str | None = await tx.fetchval(ADDRESS[owner_type], owner_id)
    return address


SWITCH_OFF = """
update wallet set refill_card_id = null, updated_at = $2 where id = $1 returning operator_id, owner_type, owner_id
"""

ADDRESS = {
    "user": "select email from users where id = $1",
    "team": """
select coalesce(t.finance_email, t.contact_email, u.email) from team t left join users u on u.id = t.owner_user_id
where t.id = $1
""",
    "operator": "select email from users where operator_id = $1 and role = 'Admin' order by id limit 1",
}
