"""The pages of money, and which right opens them."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from wattline.domain.access import Right
from wattline.portal import mailbox, price_example, price_pages, prices, wallet_file, wallet_refund, wallets

MONEY_ROOMS: Sequence[tuple[Right, Sequence[ControllerRouterHandler]]] = (
    (Right.SEE_WALLETS, [wallets.wallets_page, wallets.wallet_page, wallet_file.wallet_csv]),
    (Right.REFUND, [wallet_refund.refund_dialog, wallet_refund.do_refund]),
    (Right.SEE_PRICES, [prices.prices_page, prices.price_page, price_example.price_example]),
    (Right.CHANGE_PRICES, [
        price_pages.new_price_page, price_pages.make_price, price_pages.edit_price_page, price_pages.change_price,
        price_pages.put_up, price_pages.make_default, price_pages.delete_price,
    ]),
    (Right.READ_MAIL, [mailbox.mailbox_page]),
)  # fmt: skip
