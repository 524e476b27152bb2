"""The pages of money, and which right opens them."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from wattline.domain.access import Right
from wattline.portal import mailbox, wallet_file, wallet_refund, wallets
from wattline.portal.price_rooms import PRICE_ROOMS

MONEY_ROOMS: Sequence[tuple[Right, Sequence[ControllerRouterHandler]]] = (
    (Right.SEE_WALLETS, [wallets.wallets_page, wallets.wallet_page, wallet_file.wallet_csv]),
    (Right.REFUND, [wallet_refund.refund_dialog, wallet_refund.do_refund]),
    *PRICE_ROOMS,
    (Right.READ_MAIL, [mailbox.mailbox_page]),
)  # fmt: skip
