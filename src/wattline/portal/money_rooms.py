"""The pages of money, and which right opens them."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from wattline.domain.access import Right
from wattline.portal import cards, mailbox, pay_page
from wattline.portal.price_rooms import PRICE_ROOMS
from wattline.portal.wallet_rooms import WALLET_ROOMS

# Open without a session: whoever stands before a charge point.
MONEY_PUBLIC = [pay_page.pay_page, pay_page.pay, pay_page.paid_page, pay_page.stop]

MONEY_ROOMS: Sequence[tuple[Right, Sequence[ControllerRouterHandler]]] = (
    *WALLET_ROOMS,
    (Right.SEE_WALLETS, [cards.cards_page]),
    (Right.MOVE_MONEY, [cards.add_card, cards.change_card]),
    *PRICE_ROOMS,
    (Right.READ_MAIL, [mailbox.mailbox_page]),
)  # fmt: skip
