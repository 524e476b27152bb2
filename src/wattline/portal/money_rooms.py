"""The pages of money, as Litestar handlers."""

from wattline.portal import mailbox, price_example, price_pages, prices, wallet_file, wallet_refund, wallets

MONEY_ROOMS = [
    wallets.wallets_page, wallets.wallet_page,
    wallet_file.wallet_csv,
    wallet_refund.refund_dialog, wallet_refund.do_refund,
    prices.prices_page, prices.price_page, price_example.price_example,
    price_pages.new_price_page, price_pages.make_price, price_pages.edit_price_page, price_pages.change_price,
    mailbox.mailbox_page,
    price_pages.put_up, price_pages.make_default, price_pages.delete_price,
]  # fmt: skip
