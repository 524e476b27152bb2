"""The pages of money, as Litestar handlers."""

from wattline.portal import wallet_file, wallet_refund, wallets

MONEY_ROOMS = [
    wallets.wallets_page, wallets.wallet_page,
    wallet_file.wallet_csv,
    wallet_refund.refund_dialog, wallet_refund.do_refund,
]  # fmt: skip
