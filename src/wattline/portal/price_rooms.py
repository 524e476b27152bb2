"""The pages of prices, tariffs and taxes, and which right opens them."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from wattline.domain.access import Right
from wattline.portal import (
    price_example,
    price_pages,
    prices,
    tariff_pages,
    tariff_upload,
    tariff_weeks,
    tariffs,
    taxes,
)

PRICE_ROOMS: Sequence[tuple[Right, Sequence[ControllerRouterHandler]]] = (
    (Right.SEE_PRICES, [
        prices.prices_page, prices.price_page, price_example.price_example,
        tariffs.tariffs_page, tariffs.tariff_page, tariff_upload.prices_file, taxes.taxes_page,
    ]),
    (Right.CHANGE_PRICES, [
        price_pages.new_price_page, price_pages.make_price, price_pages.edit_price_page, price_pages.change_price,
        price_pages.put_up, price_pages.make_default, price_pages.delete_price,
        tariff_pages.new_tariff_page, tariff_pages.make_tariff, tariff_pages.edit_tariff_page,
        tariff_pages.change_tariff, tariff_pages.remove_tariff,
        tariff_weeks.new_week_page, tariff_weeks.make_week, tariff_weeks.week_page, tariff_weeks.change_week,
        tariff_weeks.remove_week, tariff_upload.upload_prices,
        taxes.make_tax_rate, taxes.remove_tax_rate,
    ]),
)  # fmt: skip
