"""The pages of one wallet and of passcodes, and which right opens them.

Everybody has a wallet of their own, so an account is enough to come in; which wallets somebody sees, and whether they
may move their money, is asked of each wallet (wallet_room.py, queries/portal_wallets.py).
"""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from wattline.domain.access import Right
from wattline.portal import (
    passcode_page,
    wallet_adjust,
    wallet_bank,
    wallet_file,
    wallet_files,
    wallet_movement,
    wallet_refills,
    wallet_refund,
    wallets,
)

WALLET_ROOMS: Sequence[tuple[Right, Sequence[ControllerRouterHandler]]] = (
    (Right.HAVE_AN_ACCOUNT, [
        wallets.wallets_page, wallets.wallet_page, wallet_file.wallet_csv, wallet_movement.movement_page,
        wallet_files.files_page, wallet_files.orders_part, wallet_files.wallet_workbook, wallet_files.order_receipts,
        wallet_files.fetch_receipts,
        wallet_refills.refill_page, wallet_refills.do_refill, wallet_refills.refill_outcome,
        wallet_refills.automatic_page, wallet_refills.set_automatic,
        wallet_bank.withdraw_page, wallet_bank.do_withdraw, wallet_bank.set_monthly, wallet_bank.end_withdrawal,
        wallet_bank.bank_page, wallet_bank.set_bank,
        passcode_page.my_wallet, passcode_page.passcode_page, passcode_page.set_own_passcode,
        passcode_page.ask_for_link, passcode_page.reset_page, passcode_page.do_reset,
    ]),
    (Right.MOVE_MONEY, [wallet_adjust.adjust_page, wallet_adjust.do_adjust]),
    (Right.REFUND, [wallet_refund.refund_dialog, wallet_refund.do_refund]),
)  # fmt: skip
