"""The receipt on paper: everything that must stand on it, whatever people call themselves."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.documents.paper import line, pages_of, read, receipt
from wattline.documents.press import WAITING_MAX, Press, PressBusy, pdf_of
from wattline.domain.price_items import Unit


def test_everything_that_must_stand_on_a_receipt_does() -> None:
    page = read(receipt())
    for words in (
        "Kolding Syd I/S", "Vejlevej 210, 6000 Kolding, Denmark", "VAT no. DK00000000", "Company no. 00000000",
        "Receipt 7T4Q-1183", "20. november 2026", "312,48 kr.", "Kolding Syd 2, connector 1, Kolding Syd",
        "20. november 2026, 12:50 CET", "20. november 2026, 13:47 CET", "77,844 kWh", "Visa ·· 4417",
        "logos, number A7-0042", "77,844 kWh × 3,95", "307,48", "Start fee", "5,00", "25 % 249,99 62,49 312,48",
        "Held 320,00 kr., taken 312,48 kr., 7,52 kr. let go.",
    ):  # fmt: skip
        assert words in page, (words, page)


@pytest.mark.parametrize(
    "name",
    [
        "#panic()", "$x$", "*bold* _not_ `raw`", "@charge <label>", "= Heading", "// nothing", "/* nothing */", "\\#",
        "#eval(\"1\")", "]#panic()[", "\"}; panic", "#read(\"/etc/passwd\")", "~ -- ...",
        "Åse's Øl & Ñandú Łódź Ελλάς Київ",
    ],
)  # fmt: skip
def test_what_looks_like_markup_prints_as_itself(name: str) -> None:
    shown = receipt(line(name, "1", "2", 200), seller=name, site=name, address=name)
    page = read(shown)
    assert page.count(name) >= 3, page


@pytest.mark.parametrize("name", ["x" * 600, "x" * 100_000, "a\x00b\u202ec\ud800d\n\n", "充电站 🚗 ⚡", ""])
def test_no_name_keeps_a_receipt_from_being_printed(name: str) -> None:
    pages = pages_of(pdf_of(receipt(line(name, "1", "2", 200), seller=name, site=name, connector=name)))
    assert "Total 2,00" in pages[-1]
    assert len(pages) <= 2


def test_sixty_lines_go_on_on_another_page_and_repeat_their_headings() -> None:
    lines = [line("Tariff", "1.5", str(Decimal(3) + number), 400) for number in range(60)]
    pages = pages_of(pdf_of(receipt(*lines)))
    assert len(pages) == 2
    assert all("Quantity × price" in page for page in pages)
    assert sum(page.count("Tariff") for page in pages) == 60
    assert "Total 240,00" in pages[1]
    assert [page[-5:] for page in pages] == ["1 / 2", "2 / 2"]


def test_lines_of_the_same_price_stand_together() -> None:
    page = read(receipt(line("Tariff", "1.5", "3", 450), line("Tariff", "2", "3", 600), line("Tariff", "1", "4", 400)))
    assert "3,5 kWh × 3,00 10,50" in page
    assert "1 kWh × 4,00 4,00" in page


def test_figures_are_those_of_the_sellers_country() -> None:
    assert "€312.48" in read(receipt(seller_country="IE", currency="eur"))
    assert "312,48 €" in read(receipt(seller_country="DE", currency="eur"))
    assert "20 November 2026" in read(receipt(seller_country=None))
    yen = receipt(line("Energy", "2", "150", 300), seller_country="JP", currency="jpy", decimals=0)
    assert "Total 300" in read(yen)


def test_a_wallet_that_held_less_than_it_cost_shows_what_remains() -> None:
    own = {"session": None, "payer_kind": "wallet", "buyer": "Havnelys ApS", "buyer_vat_number": "DK11111111"}
    page = read(receipt(**own, held_minor=30_000, owed_minor=1_248))
    assert "Held 300,00 kr., all of it taken. 12,48 kr. remains to be paid." in page
    assert "Paid" not in page
    assert "Havnelys ApS, VAT no. DK11111111" in page


def test_reverse_charge_refunds_and_net_prices_are_said() -> None:
    priced = receipt().priced
    assert priced is not None
    page = read(
        receipt(
            vat_category="AE",
            prices_include_vat=False,
            refunded_minor=31_248,
            refunds=1,
            priced=replace(priced, vat_percent=Decimal(0), vat_minor=0, net_minor=31_248),
        )
    )
    assert "Reverse charge: the buyer owes the VAT." in page
    assert "Prices per unit are without VAT" in page
    assert "312,48 kr. given back since." in page
    assert "Given back" in page


def test_a_fee_by_the_minute_shows_its_minutes() -> None:
    assert "3 min × 1,23 3,69" in read(receipt(line("Idle fee", "3", "1.23", 369, unit=Unit.MINUTE)))


def test_the_same_receipt_is_the_same_file() -> None:
    assert pdf_of(receipt()) == pdf_of(receipt())


async def test_many_at_once_are_made_while_the_rest_goes_on_and_too_many_are_refused() -> None:
    press = Press()
    wanted = [press.receipt(receipt(energy_wh=number)) for number in range(WAITING_MAX + 5)]
    made = await asyncio.gather(*wanted, return_exceptions=True)
    press.close()
    assert sum(isinstance(each, bytes) for each in made) == WAITING_MAX
    assert sum(isinstance(each, PressBusy) for each in made) == 5
