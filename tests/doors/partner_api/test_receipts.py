"""The receipt of a charge at the Partner API: what it says, who sees it, and a link to it on paper."""

from typing import Any
from uuid import uuid4

import pytest

from tests.doors.partner_api.story import PEPPER, Program, Stage
from tests.doors.partner_api.test_prices import fee, group_body
from wattline.operations.signed_links import opens


@pytest.fixture
async def sold(stage: Stage, partner: Program) -> int:
    """A charge of 7 kWh at 2.95, with a start fee of 5, paid at a terminal."""
    ours = stage.ours
    await stage.in_contact(ours)
    await stage.run("update connector set release_detection = false")
    group = await partner.post("/price-groups", group_body(stage, fee("starting", 5)), 201)
    await partner.put(f"/price-groups/{group['id']}/apply", {"selectedChargePointIds": [ours.charge_point_id]})
    begun = await stage.charge(ours, payment_session={"provider": "logos", "externalId": "1", "cardLast4": "4417"})
    transaction_id = await stage.begin(ours, begun)
    await partner.get(f"/receipts/by-charge/{begun.id}", 404)
    stage.clock.after(minutes=40)
    await stage.measure(ours, transaction_id, 14_000)
    await stage.end(ours, transaction_id, meter_wh=17_000)
    return begun.id


async def test_a_receipt_says_what_a_charge_cost_line_by_line(stage: Stage, partner: Program, sold: int) -> None:
    receipt = await partner.get(f"/receipts/by-charge/{sold}")
    assert (receipt["id"], receipt["version"], receipt["totalAmount"]) == (sold, 1, 25.65)
    assert receipt["currency"] == {"identifier": "dkk", "name": "Danish Krone", "decimals": 2}
    energy, start = receipt["entries"]
    assert (energy["title"], energy["subTitle"], energy["amount"]) == ("Energy", "7 kWh × 2.95", 20.65)
    assert (start["title"], start["subTitle"], start["amount"]) == ("Start fee", None, 5)
    net = sum(entry["subAmount"] for entry in receipt["entries"])
    assert round(net + receipt["vat"], 2) == receipt["totalAmount"]
    charge = await partner.get(f"/charges/{sold}")
    assert (receipt["createdAt"], receipt["totalAmount"]) == (charge["completedAt"], charge["price"])


async def test_its_link_is_signed_for_this_charge_alone(stage: Stage, partner: Program, sold: int) -> None:
    link = (await partner.get(f"/receipts/by-charge/{sold}"))["pdfUrl"]
    site, _, rest = link.partition("/receipts/")
    path, _, query = rest.partition("?")
    ends, signature = (part.partition("=")[2] for part in query.split("&"))
    assert site.startswith("http")
    proof: dict[str, Any] = {"pepper": PEPPER, "now": stage.clock()}
    assert opens(f"/receipts/{path}", ends, signature, **proof)
    assert not opens(f"/receipts/{sold + 1}/pdf", ends, signature, **proof)
    assert not opens(f"/receipts/{path}", str(int(ends) + 1), signature, **proof)
    assert link == (await partner.get(f"/receipts/by-charge/{sold}"))["pdfUrl"]


async def test_money_given_back_makes_another_version(stage: Stage, partner: Program, sold: int) -> None:
    async with stage.database.read() as connection:
        sale = await connection.fetchval(
            "select id from wallet_transaction where kind = 'charge' and reference_id = $1", str(sold)
        )
    assert sale is not None
    await refund(stage, sale)
    assert (await partner.get(f"/receipts/by-charge/{sold}"))["version"] == 2


async def refund(stage: Stage, sale: int) -> None:
    await stage.run(
        'insert into wallet_transaction (from_currency, from_amount_minor, to_currency, to_amount_minor, "group", '
        "kind, reference_type, reference_id, state, refund_of, transfer_id, asked_by, created_at, updated_at) values "
        "('dkk', 100, 'dkk', 100, 'charge', 'refund', 'TRANSACTION', $1::text, 'complete', $2, $3, 'x', $4, $4)",
        str(sale), sale, uuid4(), stage.clock(),
    )  # fmt: skip


async def test_others_have_no_receipts_here(stage: Stage, sold: int) -> None:
    stranger = await stage.program("all:delete", of=stage.theirs)
    await stranger.get(f"/receipts/by-charge/{sold}", 404)
    blind = await stage.program("charges:read")
    await blind.get(f"/receipts/by-charge/{sold}", 403)
    only = await stage.program("receipts:read")
    await only.get(f"/receipts/by-charge/{sold}")
