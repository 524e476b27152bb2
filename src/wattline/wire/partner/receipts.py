"""The receipt of a charge, in JSON. Amounts are in main units (section 2.8)."""

from decimal import Decimal

from wattline.domain.price import PricedCharge
from wattline.domain.price_items import Unit
from wattline.domain.rounding import to_main
from wattline.wire.partner.charges import Currency
from wattline.wire.partner.shapes import Shape, Time


class ReceiptEntry(Shape):
    """What has one price: `amount` with VAT, `subAmount` without."""

    title: str
    sub_title: str | None
    amount: Decimal
    sub_amount: Decimal


class Receipt(Shape, kw_only=True):
    """The receipt of a charge; each refund makes a new `version`. `pdfUrl` opens without a log-in for two weeks."""

    id: int
    version: int
    total_amount: Decimal
    currency: Currency | None
    entries: list[ReceiptEntry]
    vat: Decimal
    pdf_url: str | None
    created_at: Time


def entries_of(priced: PricedCharge, decimals: int) -> list[ReceiptEntry]:
    """Write the lines of a price as a receipt groups them."""
    return [
        ReceiptEntry(
            title=line.description,
            sub_title=_quantity(line.quantity, _UNITS.get(line.unit), line.unit_price),
            amount=to_main(line.gross_minor, decimals),
            sub_amount=to_main(line.net_minor, decimals),
        )
        for line in priced.by_price()
    ]


_UNITS = {Unit.KWH: "kWh", Unit.MINUTE: "min"}


def _quantity(quantity: Decimal, unit: str | None, each: Decimal) -> str | None:
    return None if unit is None else f"{_plain(quantity)} {unit} × {_plain(each)}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
