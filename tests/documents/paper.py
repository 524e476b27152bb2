"""A receipt to print, and what can be read on the paper."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from pypdf import PdfReader

from wattline.documents.press import pdf_of
from wattline.domain.price import PricedCharge, PriceLine
from wattline.domain.price_items import LineType, Unit
from wattline.queries.receipts import Receipt

BEGAN = datetime(2026, 11, 20, 11, 50, tzinfo=UTC)


def line(name: str, quantity: str, each: str, gross_minor: int, *, unit: Unit = Unit.KWH) -> PriceLine:
    """One line with 25 % VAT in it."""
    vat = gross_minor // 5
    amounts = (Decimal(quantity), Decimal(each), gross_minor - vat, vat, gross_minor)
    return PriceLine(LineType.TARIFF, unit, True, None, None, None, name, BEGAN, BEGAN, *amounts)


def receipt(*lines: PriceLine, **other: Any) -> Receipt:
    """The receipt of an hour at a Danish charge point, paid with a card at a terminal."""
    lines = lines or (line("Energy", "77.844", "3.95", 30_748), line("Start fee", "1", "5", 500, unit=Unit.SESSION))
    total, vat = sum(each.gross_minor for each in lines), sum(each.vat_minor for each in lines)
    values: dict[str, Any] = {
        "charge_id": 118_204, "human_readable_id": "7T4Q-1183", "state": "completed", "failed": False, "forced": False,
        "created_at": BEGAN, "started_at": BEGAN, "stopped_at": BEGAN + timedelta(minutes=57),
        "completed_at": BEGAN + timedelta(minutes=58), "settled_at": BEGAN + timedelta(minutes=58),
        "energy_wh": 77_844, "connector": "Kolding Syd 2, connector 1", "evse_id": "DK*WAT*E0012",
        "site": "Kolding Syd", "address": "Vejlevej 210, 6000 Kolding", "time_zone": "Europe/Copenhagen",
        "seller": "Kolding Syd I/S", "seller_number": "00000000", "seller_vat_number": "DK00000000",
        "seller_address": "Vejlevej 210, 6000 Kolding, Denmark", "seller_country": "DK", "buyer": None,
        "buyer_vat_number": None, "buyer_address": None, "card": None, "payer_kind": "terminal", "held_minor": 0,
        "owed_minor": 0, "refunded_minor": 0, "refunds": 0, "vat_category": "S", "prices_include_vat": True,
        "session": {"provider": "logos", "externalId": "A7-0042", "cardBrand": "visa", "cardLast4": "4417",
                    "amount": "320.00"},
        "currency": "dkk", "decimals": 2, "price_minor": total,
        "priced": PricedCharge(
            currency="dkk", lines=lines, total_minor=total, net_minor=total - vat, vat_minor=vat,
            vat_percent=Decimal(25),
        ),
    }  # fmt: skip
    return Receipt(**values | other)


def pages_of(pdf: bytes) -> list[str]:
    """What stands on each page, blanks made one, places where a long word may be broken left out."""
    texts = [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]
    return [" ".join(text.replace("\u200b", "").split()) for text in texts]


def read(shown: Receipt) -> str:
    """Print a receipt of one page and read it."""
    (page,) = pages_of(pdf_of(shown))
    return page
