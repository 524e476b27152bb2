"""Prices through the Partner API: groups, tariffs, forecasts, and what a charge cost piece by piece."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.doors.partner_api.price_samples import KWH, currency_id
from tests.doors.partner_api.story import DENMARK, Program, Stage, start_body
from wattline.domain.spot_file import Priced
from wattline.domain.usage import QUARTER, begin_of
from wattline.operations.spot_prices import import_prices


def group_body(stage: Stage, *fees: Any, **more: Any) -> dict[str, Any]:
    """Write a price group."""
    return {"teamId": stage.ours.team_id, "name": "Harbour", "type": "public", "masterPrice": KWH, "fees": fees, **more}


def fee(type_: str, price: Any, **more: Any) -> dict[str, Any]:
    """Write a fee."""
    return {**KWH, "type": type_, "price": price, **more}


async def test_a_price_goes_in_as_a_number_and_comes_out_as_money(stage: Stage, partner: Program) -> None:
    made = await partner.post("/price-groups", group_body(stage, fee("starting", 5)), 201)
    assert made["masterPrice"]["price"] == {
        "amount": 295,
        "currency": {
            "id": await currency_id(stage, "DKK"), "master": False, "identifier": "DKK", "name": "Danish Krone",
            "decimals": 2,
        },
        "locale": "en",
    }  # fmt: skip
    assert (made["default"], made["masterPrice"]["description"], made["updatedAt"]) == (True, None, None)
    assert [(one["type"], one["price"]["amount"]) for one in made["fees"]] == [("starting", 500)]


async def test_a_time_zone_that_nobody_knows_is_refused(stage: Stage, partner: Program) -> None:
    body = {
        "externalId": "grid", "name": "Grid", "description": "", "countryId": DENMARK, "teamId": stage.ours.team_id,
        "currencyId": await currency_id(stage, "DKK"), "pricesWithVat": True, "zipCodes": ["8000"], "area": "DK1",
    }  # fmt: skip
    for unknown in ("Mars/Olympus", "../../etc/passwd", "\u202e", "\0"):
        refused = await partner.post("/tariffs", {**body, "timeZone": unknown}, 400)
        assert refused["context"] == {"field": "timeZone"}


async def test_the_money_of_an_answer_may_be_sent_back(stage: Stage, partner: Program) -> None:
    made = await partner.post("/price-groups", group_body(stage, fee("idle", 0.5, feePriceMax=60)), 201)
    again = await partner.put(f"/price-groups/{made['id']}", {**made, "fees": made["fees"]}, 200)
    assert again["masterPrice"]["price"] == made["masterPrice"]["price"]
    assert again["fees"][0]["feePriceMax"]["amount"] == 6000
    assert again["updatedAt"] is not None


async def test_what_programs_cannot_say_stays_as_it_was(stage: Stage, partner: Program) -> None:
    made = await partner.post("/price-groups", group_body(stage), 201)
    await stage.run("update price_group set minimum_minor = 100, maximum_minor = 5000")
    await partner.put(f"/price-groups/{made['id']}", group_body(stage))
    async with stage.database.read() as connection:
        bounds = await connection.fetchrow("select minimum_minor, maximum_minor from price_group")
    assert tuple(bounds or ()) == (100, 5000)


async def test_a_spot_price_keeps_everything_it_is_made_of(stage: Stage, partner: Program) -> None:
    spot = {
        "type": "spot", "price": 3, "endAtFullyCharged": False, "vat": True, "percentage": 110, "priceMin": 0.5,
        "priceMax": 6, "interval": "quarterHourly", "from": "2026-01-01T00:00:00Z",
        "additional": [{"type": "absolute", "value": 0.2, "title": "Tax"}, {"type": "percentage", "value": 7.5}],
    }  # fmt: skip
    made = (await partner.post("/price-groups", group_body(stage, masterPrice=spot), 201))["masterPrice"]
    assert (made["vat"], made["percentage"], made["interval"]) == (True, 110.0, "quarterHourly")
    assert (made["priceMin"]["amount"], made["priceMax"]["amount"], made["from"]) == (50, 600, "2026-01-01T00:00:00Z")
    assert [(one["type"], one["value"]["amount"], one["title"]) for one in made["additional"]] == [
        ("absolute", 20, "Tax"), ("percentage", 750, None)
    ]  # fmt: skip


async def test_no_team_is_every_team_and_a_foreign_one_is_not_there(stage: Stage, partner: Program) -> None:
    made = await partner.post("/price-groups", group_body(stage), 201)
    everything = await partner.get("/price-groups", teamId=-1)
    assert [one["id"] for one in everything["data"]] == [made["id"]]
    await partner.get("/price-groups", 404, teamId=stage.theirs.team_id)
    await partner.get("/price-groups", 400, teamId=-2)
    await partner.get("/price-groups", 400)


async def test_a_default_is_put_without_a_body_and_there_is_one(stage: Stage, partner: Program) -> None:
    first, second = [await partner.post("/price-groups", group_body(stage), 201) for _ in range(2)]
    await partner.call(
        "PUT", f"/price-groups/{second['id']}/default", 200, headers={"content-type": "application/json"}
    )
    listed = (await partner.get("/price-groups", teamId=stage.ours.team_id))["data"]
    assert [(one["id"], one["default"]) for one in listed] == [(first["id"], False), (second["id"], True)]
    answer = await partner.delete(f"/price-groups/{second['id']}", 400)
    assert answer["errorCode"] == "NOT_POSSIBLE_NOW"
    await partner.delete(f"/price-groups/{first['id']}")
    await partner.get(f"/price-groups/{first['id']}", 404)


async def test_applying_shows_on_charge_points_and_sites(stage: Stage, partner: Program) -> None:
    made = await partner.post("/price-groups", group_body(stage), 201)
    ours = stage.ours
    for body in ({"selectedChargePointIds": [ours.charge_point_id]}, {"selectedSiteIds": [ours.site_id]}):
        applied = await partner.put(f"/price-groups/{made['id']}/apply", body)
    assert applied["appliedTo"] == {"chargePoints": [ours.charge_point_id], "sites": [ours.site_id], "teamMembers": []}
    shown = await partner.get(f"/charge-points/{ours.charge_point_id}")
    assert (shown["priceGroupId"], shown["costGroupId"]) == (made["id"], None)
    cost = await partner.post("/price-groups", group_body(stage, type="cost"), 201)
    await partner.put(f"/price-groups/{cost['id']}/apply", {"selectedSiteIds": [ours.site_id]})
    other_socket = await partner.get(f"/charge-points/{ours.box.connector_ids[1]}")
    assert (other_socket["priceGroupId"], other_socket["costGroupId"]) == (made["id"], cost["id"])
    theirs = {"selectedChargePointIds": [stage.theirs.charge_point_id]}
    await partner.put(f"/price-groups/{made['id']}/apply", theirs, 404)
    member = await partner.post("/price-groups", group_body(stage, type="member"), 201)
    await partner.put(f"/price-groups/{member['id']}/apply", {"selectedChargePointIds": [ours.charge_point_id]}, 400)


async def test_a_charge_point_takes_its_roaming_price_by_patch(stage: Stage, partner: Program) -> None:
    path = f"/charge-points/{stage.ours.charge_point_id}"
    roaming, public = [
        await partner.post("/price-groups", group_body(stage, type=one), 201) for one in ("roaming", "public")
    ]
    shown = await partner.patch(path, {"roamingPriceGroupId": roaming["id"]})
    assert shown["roamingPriceGroupId"] == roaming["id"]
    refused = await partner.patch(path, {"roamingPriceGroupId": public["id"]}, 400)
    assert refused["context"]["field"] == "roamingPriceGroupId"


@pytest.mark.parametrize(
    ("price", "field"),
    [
        (-1, "masterPrice.price"), (1e20, "masterPrice.price"), ("NaN", "masterPrice.price"),
        ("Infinity", "masterPrice.price"), ({"amount": -5, "currency": {"decimals": 2}}, "masterPrice.price"),
        ({"amount": 1, "currency": {"decimals": 9}}, "masterPrice.price.currency.decimals"),
        (None, "masterPrice.price"),
    ],
)  # fmt: skip
async def test_odd_amounts_are_refused_by_name(stage: Stage, partner: Program, price: Any, field: str) -> None:
    answer = await partner.post("/price-groups", group_body(stage, masterPrice={**KWH, "price": price}), 400)
    assert answer["context"]["field"] == field


async def test_tags_stand_beside_prices(stage: Stage, partner: Program) -> None:
    tag = await partner.post("/price-group-tags", {"name": "Electricity tax", "partnerExternalId": "tax-1"}, 201)
    assert tag["operator"]["identifier"] == "havnelys"
    made = await partner.post("/price-groups", group_body(stage, fee("starting", 1, tagId=tag["id"])), 201)
    assert made["fees"][0]["tagId"] == tag["id"]
    assert (await partner.get("/price-group-tags", name="TAX"))["meta"]["totalItemCount"] == 1
    assert (await partner.get("/price-group-tags", partnerExternalId=""))["meta"]["totalItemCount"] == 0
    assert (await partner.patch(f"/price-group-tags/{tag['id']}", {"name": "Tax"}))["description"] is None
    await partner.delete(f"/price-group-tags/{tag['id']}", 200)
    assert (await partner.get(f"/price-groups/{made['id']}"))["fees"][0]["tagId"] is None


async def test_a_tariff_from_its_periods_to_its_hours(stage: Stage, partner: Program) -> None:
    tariff = await make_tariff(stage, partner, (0, 6, 1.25), (6, 24, 2.5))
    prices = await partner.post(
        f"/tariffs/{tariff['id']}/create-prices", {"start": "2026-11-20", "end": "2026-11-21"}, 201
    )
    assert len(prices["prices"]) == 48
    assert prices["prices"][0] == {"start": "2026-11-19T23:00:00Z", "price": 1.25}
    some = await partner.get(f"/tariffs/{tariff['id']}", start="2026-11-20T04:00:00Z", end="2026-11-20T06:00:00Z")
    assert [hour["price"] for hour in some["prices"]] == [1.25, 2.5]
    made = await partner.post(
        "/price-groups", group_body(stage, masterPrice={**KWH, "type": "tariff", "price": 0, "tariffId": tariff["id"]}),
        201,
    )  # fmt: skip
    assert made["masterPrice"]["dynamicPricing"] is True
    assert [one["tariffId"] for one in made["tariffs"]] == [tariff["id"]]


async def test_a_hole_and_an_overlap_are_refused(stage: Stage, partner: Program) -> None:
    tariff = await make_tariff(stage, partner, (0, 6, 1.25))
    hole = await partner.post(
        f"/tariffs/{tariff['id']}/create-prices", {"start": "2026-11-20", "end": "2026-11-20"}, 400
    )
    assert hole["errorCode"] == "TARIFF_HAS_HOLE"
    period = {"tariffId": tariff["id"], "groupId": tariff["groupId"], "dayOfWeek": "TUESDAY", "startHour": 5}
    overlap = await partner.post("/tariff-recurring-periods", {**period, "endHour": 8, "price": 1}, 400)
    assert "Tuesday at 05:00" in overlap["message"]
    await partner.post("/tariff-recurring-periods", {**period, "startHour": 7, "endHour": 8, "price": "NaN"}, 400)
    page = await partner.get(
        "/tariff-recurring-periods", tariffId=tariff["id"], tariffPeriodGroupId=tariff["groupId"], perPage=1
    )
    assert (page["totalSize"], page["totalPages"], page["empty"]) == (1, 1, False)
    assert page["content"][0]["start"] == 0


async def test_hourly_prices_come_from_a_program(stage: Stage, partner: Program) -> None:
    weekly = await make_tariff(stage, partner, (0, 24, 1.0))
    fields = [name for name in weekly if name not in ("id", "groupId", "createdAt", "updatedAt", "operatorId")]
    tariff = await partner.post("/tariffs", {name: weekly[name] for name in fields} | {"tariffType": "DYNAMIC"}, 201)
    begin = begin_of(stage.clock(), timedelta(hours=1))
    hours = [{"start": (begin + timedelta(hours=number)).isoformat(), "price": number / 10 + 1} for number in range(30)]
    told = await partner.put(f"/tariffs/{tariff['id']}/prices", {"prices": hours[::-1]})
    assert [hour["price"] for hour in told["prices"]][:3] == [1, 1.1, 1.2]
    by_tariff = {**KWH, "type": "tariff", "price": 0, "tariffId": tariff["id"]}
    made = await partner.post("/price-groups", group_body(stage, masterPrice=by_tariff), 201)
    forecast = await partner.get("/prices/forecast", priceGroupId=made["id"])
    assert [one["pricePerKwh"] for one in forecast["forecasts"]] == [10000 + number * 1000 for number in range(24)]
    path = f"/tariffs/{tariff['id']}/prices"
    for wrong in ([], [hours[0], hours[2]], [hours[0], hours[0]], [{**hours[0], "price": -1}],
                  [{**hours[0], "start": "2026-11-20T10:30:00Z"}], [{**hours[0], "price": "NaN"}]):  # fmt: skip
        await partner.put(path, {"prices": wrong}, 400)
    refused = await partner.put(f"/tariffs/{weekly['id']}/prices", {"prices": hours}, 400)
    assert "Only DYNAMIC tariffs take imports" in refused["message"]
    await partner.put("/tariffs/999999/prices", {"prices": hours}, 404)


async def test_a_charge_point_tells_the_defaults_that_count_there(stage: Stage, partner: Program) -> None:
    made = {
        one: (await partner.post("/price-groups", group_body(stage, type=one), 201))["id"]
        for one in ("cost", "roaming")
    }
    path = f"/charge-points/{stage.ours.charge_point_id}"
    told = await partner.get(path)
    assert (told["costGroupId"], told["roamingPriceGroupId"]) == (
        made["cost"],
        made["roaming"] if told["roaming"] else None,
    )


async def test_a_forecast_is_in_ten_thousandths(stage: Stage, partner: Program) -> None:
    spot = {"type": "spot", "price": 2, "endAtFullyCharged": False, "vat": True}
    made = await partner.post("/price-groups", group_body(stage, masterPrice=spot), 201)
    hour = begin_of(stage.clock(), timedelta(hours=1))
    known = [Priced(hour + number * QUARTER, Decimal("0.47824")) for number in range(4)]
    await import_prices(stage.database, "DK1", "dkk", known, now=stage.clock())
    by_group = await partner.get("/prices/forecast", priceGroupId=made["id"])
    at_place = await partner.get("/prices/forecast", chargePointId=stage.ours.charge_point_id, priceGroupId=made["id"])
    # 0.47824 × 1.25 = 0.5978; then the fallback. A team without a country knows no VAT and no market.
    assert at_place["forecasts"][0]["pricePerKwh"] == 5978
    assert at_place["forecasts"][0]["name"] == "0.60 DKK/kWh"
    assert [one["pricePerKwh"] for one in at_place["forecasts"][1:3]] == [20000, 20000]
    assert (len(at_place["forecasts"]), at_place["priceGroup"]["id"]) == (24, made["id"])
    assert by_group["forecasts"][0]["pricePerKwh"] == 20000
    await partner.get("/prices/forecast", 400)
    await partner.get("/prices/forecast", 404, chargePointId=stage.theirs.charge_point_id)


async def test_a_charge_without_a_price_has_no_pieces(stage: Stage, partner: Program) -> None:
    await stage.in_contact(stage.ours)
    charge = await partner.post("/charges", start_body(stage.ours))
    told = await partner.get(f"/charges/{charge['id']}/breakdown")
    assert told["chargeId"] == charge["id"]
    assert told["priceBreakdown"]["summary"]["totalPrice"] == 0
    assert (told["priceBreakdown"]["breakdown"], told["costBreakdown"]) == ([], None)


async def test_a_charge_keeps_the_price_it_began_with_and_tells_it_piece_by_piece(
    stage: Stage, partner: Program
) -> None:
    ours = stage.ours
    await stage.in_contact(ours)
    await stage.run("update connector set release_detection = false")
    group = await partner.post("/price-groups", group_body(stage, fee("starting", 5)), 201)
    await partner.put(f"/price-groups/{group['id']}/apply", {"selectedChargePointIds": [ours.charge_point_id]})
    begun = await stage.charge(ours, payment_session={"provider": "terminal", "externalId": "1"})
    transaction_id = await stage.begin(ours, begun)
    await partner.put(f"/price-groups/{group['id']}", group_body(stage, masterPrice={**KWH, "price": 9}))
    stage.clock.after(minutes=40)
    await stage.measure(ours, transaction_id, 14_000)
    so_far = (await partner.get(f"/charges/{begun.id}/breakdown"))["priceBreakdown"]["summary"]
    assert so_far["totalPrice"] == 1180 + 500  # 4 kWh × 2.95, and the start fee
    await stage.end(ours, transaction_id, meter_wh=17_000)
    told = (await partner.get(f"/charges/{begun.id}/breakdown"))["priceBreakdown"]
    assert told["summary"]["totalMasterPrice"] == 2065  # 7 kWh × 2.95
    assert [(one["type"], one["price"]) for one in told["fees"]] == [("starting-fee", 500)]
    shown = await partner.get(f"/charges/{begun.id}")
    assert (shown["priceGroupId"], shown["price"], shown["state"]) == (group["id"], 25.65, "completed")
    assert round(sum(hour["value"] for hour in shown["priceBreakdown"]), 2) == 20.65


async def test_what_a_charge_cost_is_told_to_the_owner_and_to_nobody_else(stage: Stage, partner: Program) -> None:
    ours = stage.ours
    await stage.in_contact(ours)
    await stage.run("update connector set release_detection = false")
    cost = await partner.post("/price-groups", group_body(stage, type="cost", masterPrice={**KWH, "price": 1}), 201)
    await partner.put(f"/price-groups/{cost['id']}/apply", {"selectedChargePointIds": [ours.charge_point_id]})
    begun = await stage.charge(ours)
    await stage.run(
        "update charge set (paying_team_id, paying_operator_id) = (select id, operator_id from team where id = $1)",
        stage.theirs.team_id,
    )
    transaction_id = await stage.begin(ours, begun)
    stage.clock.after(minutes=40)
    running = await partner.get(f"/charges/{begun.id}")
    assert (running["cost"], running["costPriceGroupId"], running["costBreakdown"]) == (None, None, [])
    await stage.measure(ours, transaction_id, 14_000)
    await stage.end(ours, transaction_id, meter_wh=17_000)
    shown = await partner.get(f"/charges/{begun.id}")
    assert (shown["cost"], shown["costPriceGroupId"]) == (7.0, cost["id"])
    assert round(sum(hour["value"] for hour in shown["costBreakdown"]), 2) == 7.0
    told = (await partner.get(f"/charges/{begun.id}/breakdown"))["costBreakdown"]
    assert (told["summary"]["totalPrice"], told["summary"]["totalMasterPrice"]) == (700, 700)
    assert told["breakdown"][0]["components"][0]["type"] == "fixed-kwh"
    payer = await stage.program(of=stage.theirs)
    seen = await payer.get(f"/charges/{begun.id}")
    assert (seen["cost"], seen["costPriceGroupId"], seen["costBreakdown"]) == (None, None, [])
    assert (await payer.get(f"/charges/{begun.id}/breakdown"))["costBreakdown"] is None


async def make_tariff(stage: Stage, partner: Program, *periods: tuple[int, int, float]) -> dict[str, Any]:
    """Make a tariff of this year with the same periods every day; `groupId` is that of its dates."""
    tariff: dict[str, Any] = await partner.post("/tariffs", {
        "externalId": "grid", "name": "Grid", "description": "", "countryId": DENMARK,
        "currencyId": await currency_id(stage, "DKK"), "teamId": stage.ours.team_id, "pricesWithVat": True,
        "zipCodes": ["8000"], "timeZone": "Europe/Copenhagen", "area": "DK1",
    }, 201)  # fmt: skip
    dates = {"tariffId": tariff["id"], "activeFrom": "2026-01-01", "activeTo": "2026-12-31", "description": "2026"}
    group = await partner.post("/tariff-period-groups", dates, 201)
    for start, end, price in periods:
        body = {
            "tariffId": tariff["id"], "groupId": group["id"], "dayOfWeek": "MONDAY", "endDayOfWeek": "SUNDAY",
            "startHour": start, "endHour": end, "price": price,
        }  # fmt: skip
        await partner.post("/tariff-recurring-periods", body, 201)
    return {**tariff, "groupId": group["id"]}
