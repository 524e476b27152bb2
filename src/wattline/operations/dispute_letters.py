"""The letter that goes out when a card's bank has taken money back."""

from datetime import datetime

from wattline.database.connection import Transaction
from wattline.domain.payment import Payment
from wattline.domain.rounding import to_main
from wattline.operations.mails import Letter, write_letter
from wattline.operations.wallet_access import decimals_of

TEXT = """The bank of the card behind {what} has taken {amount} back: whoever holds the card says that it was not
theirs, or not right. {consequence}

If this surprises you, talk to the bank that issued the card. What it gives back is booked here by itself.
"""


async def tell_of_dispute(
    tx: Transaction,
    payment: Payment,
    amount_minor: int,
    address: str | None,
    what: str,
    consequence: str,
    *,
    now: datetime,
) -> None:
    """Write it, where there is somebody to write to. `what` was paid with the card, `consequence` is a sentence."""
    if address is None:
        return
    amount = await amount_words(tx, amount_minor, payment.currency)
    letter = Letter(
        operator_id=payment.operator_id,
        to_address=address,
        kind="card-dispute",
        subject=f"A bank took {amount} back",
        text=TEXT.format(what=what, amount=amount, consequence=consequence),
    )
    await write_letter(tx, letter, now=now)


async def amount_words(tx: Transaction, amount_minor: int, currency: str) -> str:
    """Write an amount as letters do: `25.00 EUR`."""
    return f"{to_main(amount_minor, await decimals_of(tx, currency)):f} {currency.upper()}"
