"""Filling a wallet from a card: now, or by itself when there is too little in it (product rules 11)."""

from datetime import timedelta

from wattline.domain.amount import MINOR_MAX
from wattline.domain.payment import checked_amount
from wattline.domain.refusals import Invalid, NotReady

# A wallet that needs more fillings than this is emptied by somebody who should not, or filled with too little.
AUTOMATIC_MAX = 10
AUTOMATIC_WITHIN = timedelta(days=1)


class CardNotReady(NotReady):
    """The card is not saved, or was taken away."""

    code = "CARD_NOT_READY"

    def __init__(self) -> None:
        super().__init__("This card cannot be used for this wallet. Add it again, then choose it.")


def checked_trigger(below_minor: object, *, amount_minor: int) -> int:
    """Take the balance below which a wallet is filled. Raises Invalid for one that a filling would not lift."""
    checked_amount(amount_minor)
    if type(below_minor) is not int or not 0 <= below_minor <= min(amount_minor, MINOR_MAX):
        raise Invalid("below", "must be 0 or more, and no more than what is put in each time.")
    return below_minor


def may_fill_again(fillings: int) -> bool:
    """Tell whether a wallet may fill itself, after so many times within a day."""
    return fillings < AUTOMATIC_MAX
