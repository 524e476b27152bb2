"""Wallets and their transactions at the Partner API, and adjustments between wallets."""

import asyncio
from typing import Any

import pytest

from tests.doors.partner_api.money_samples import fill, operator_wallet, team_wallet
from tests.doors.partner_api.price_samples import DANISH_KRONE
from tests.doors.partner_api.story import DENMARK, Program, Stage
from wattline.operations.teams import NewTeam, create_team
from wattline.operations.wallets import wallet_of

ADJUST = "/wallet-transactions/operator-adjustment-transaction"


async def ids_of(stage: Stage) -> tuple[int, int]:
    """Fill the team's wallet with 500.00 and return its id and that of the operator's wallet."""
    await fill(stage, stage.ours, 50_000)
    team, operator = await team_wallet(stage, stage.ours), await operator_wallet(stage, stage.ours)
    return team.id, operator.id


async def test_a_wallet_tells_its_balance_in_main_units_and_lists_tell_none(stage: Stage, partner: Program) -> None:
    await fill(stage, stage.ours, 12_345)
    await fill(stage, stage.ours, 50, credit=True)
    (listed,) = (await partner.get("/wallets", teamId=stage.ours.team_id))["data"]
    shown = await partner.get(f"/wallets/{listed['id']}")
    assert listed == shown | {"balance": None}
    assert shown["balance"] == {"amount": 123.45, "credit": 0.5}
    assert (shown["ownerType"], shown["ownerId"], shown["currencyId"]) == ("team", stage.ours.team_id, DANISH_KRONE)
    assert shown["countryId"] in (0, DENMARK)


async def test_wallets_are_asked_for_by_team_or_operator(stage: Stage, partner: Program) -> None:
    _, operators = await ids_of(stage)
    await partner.get("/wallets", 400)
    listed = await partner.get("/wallets", operatorId=stage.ours.viewer.operator_id)
    assert [one["id"] for one in listed["data"]] == [operators]
    await partner.get("/wallets", 404, teamId=stage.theirs.team_id)
    await partner.get("/wallets", 404, operatorId=stage.theirs.viewer.operator_id)
    await partner.get("/wallets", 404, teamId=stage.ours.team_id, operatorId=stage.theirs.viewer.operator_id)
    narrow = await stage.program("all:delete", team_ids=[stage.ours.team_id])
    await narrow.get("/wallets", 404, operatorId=stage.ours.viewer.operator_id)
    await narrow.get(f"/wallets/{operators}", 404)


async def test_an_adjustment_moves_money_and_names_both_sides(stage: Stage, partner: Program) -> None:
    team, operator = await ids_of(stage)
    body = {"fromWalletId": team, "toWalletId": operator, "currencyId": DANISH_KRONE, "amount": 12.5, "note": "Sorry"}
    made = await partner.post(ADJUST, body, 201)
    assert made == await partner.get(f"/wallet-transactions/{made['id']}")
    assert (made["fromAmount"], made["fromSubAmount"], made["fromVatAmount"], made["toAmount"]) == (12.5, 12.5, 0, 12.5)
    assert made["fromCurrency"] == {"identifier": "dkk", "name": "Danish Krone", "decimals": 2}
    ours = stage.ours.viewer.operator_id
    assert (made["fromType"], made["toType"]) == ("team", "operator")
    giver, taker = made["from"], made["to"]
    assert (giver["id"], giver["publicName"], giver["operatorId"]) == (stage.ours.team_id, "Havnelys team", ours)
    assert (taker["id"], taker["name"], taker["identifier"]) == (ours, "Havnelys", "havnelys")
    assert (made["state"], made["group"], made["note"]) == ("complete", "other", "Sorry")
    assert made["completedAt"] is not None
    assert (await partner.get(f"/wallets/{team}"))["balance"]["amount"] == 487.5


async def test_a_deposit_comes_from_nobody(stage: Stage, partner: Program) -> None:
    made = await partner.get(f"/wallet-transactions/{await fill(stage, stage.ours, 100)}")
    assert (made["fromType"], made["from"], made["fromWalletId"]) == (None, None, None)
    assert (made["group"], made["toType"], made["toAmount"]) == ("deposit", "team", 1.0)


async def test_an_adjustment_sent_again_with_its_id_moves_money_once(stage: Stage, partner: Program) -> None:
    team, operator = await ids_of(stage)
    body = {"fromWalletId": team, "toWalletId": operator, "amount": 20, "partnerExternalId": "correction-1"}
    made = [await partner.post(ADJUST, body, 201) for _ in range(2)]
    at_once = await asyncio.gather(*(partner.post(ADJUST, body, 201) for _ in range(4)))
    assert {one["id"] for one in (*made, *at_once)} == {made[0]["id"]}
    assert (await partner.get(f"/wallets/{operator}"))["balance"]["amount"] == 20
    # Whose answer got lost finds it; with other contents it is another adjustment, which is not made.
    (found,) = (await partner.get("/wallet-transactions", partnerExternalId="correction-1"))["data"]
    assert found == made[0]
    assert (await partner.get("/wallet-transactions", partnerExternalId="correction-2"))["data"] == []
    await partner.post(ADJUST, body | {"amount": 21}, 400)
    # Without one, twice is two adjustments.
    del body["partnerExternalId"]
    assert len({(await partner.post(ADJUST, body, 201))["id"] for _ in range(2)}) == 2


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"amount": None}, 400),
        ({"amount": 0}, 400),
        ({"amount": -5}, 400),
        ({"amount": 0.001}, 400),
        ({"amount": 1e300}, 400),
        ({"amount": 1e15}, 400),
        ({"amount": "NaN"}, 400),
        ({"amount": "Infinity"}, 400),
        ({"amount": "12 kr"}, 400),
        ({"amount": 500.01}, 400),
        ({"currencyId": 1}, 400),
        ({"toWalletId": 0}, 400),
        ({"toWalletId": 99_999}, 404),
        ({"fromWalletId": 2**62}, 404),
        ({"note": "x" * 5001}, 400),
        ({"note": "\0"}, 400),
    ],
)
async def test_an_adjustment_that_cannot_be_meant_moves_nothing(
    stage: Stage, partner: Program, change: dict[str, Any], status: int
) -> None:
    team, operator = await ids_of(stage)
    await partner.post(ADJUST, {"fromWalletId": team, "toWalletId": operator, "amount": 1} | change, status)
    assert (await partner.get(f"/wallets/{team}"))["balance"]["amount"] == 500


async def test_an_adjustment_stays_among_ones_own_wallets(stage: Stage, partner: Program) -> None:
    team, operator = await ids_of(stage)
    await fill(stage, stage.theirs, 5_000)
    foreign = (await team_wallet(stage, stage.theirs)).id
    for wallets in ((team, foreign), (foreign, team)):
        await partner.post(ADJUST, {"fromWalletId": wallets[0], "toWalletId": wallets[1], "amount": 1}, 404)
    await partner.post(ADJUST, {"fromWalletId": team, "toWalletId": team, "amount": 1}, 400)
    reader = await stage.program("wallet-transactions:read")
    await reader.post(ADJUST, {"fromWalletId": team, "toWalletId": operator, "amount": 1}, 403)


async def test_racing_adjustments_never_spend_more_than_there_is(stage: Stage, partner: Program) -> None:
    team, operator = await ids_of(stage)
    body = {"fromWalletId": team, "toWalletId": operator, "amount": 150}
    answers = await asyncio.gather(*(partner.http.post(ADJUST, json=body) for _ in range(6)))
    assert sorted(one.status_code for one in answers) == [201] * 3 + [400] * 3
    assert (await partner.get(f"/wallets/{team}"))["balance"]["amount"] == 50


async def test_transactions_are_listed_newest_first_and_filtered(stage: Stage, partner: Program) -> None:
    team, operator = await ids_of(stage)
    before = stage.clock()
    stage.clock.after(minutes=1)
    body = {"fromWalletId": team, "toWalletId": operator, "amount": 3}
    moved = (await partner.post(ADJUST, body, 201))["id"]
    ours, whose = stage.ours.viewer.operator_id, {"teamId": stage.ours.team_id}
    listed = await partner.get("/wallet-transactions", **whose)
    assert [one["group"] for one in listed["data"]] == ["other", "deposit"]
    for query in (
        {}, {"operatorId": ours}, whose | {"group": "other"}, whose | {"referenceType": "WALLET"},
        whose | {"fromDate": "2026-11-20T12:00:30Z"}, {"referenceId": str(operator)},
        whose | {"referenceId": str(operator), "referenceType": "WALLET", "state": "complete"},
    ):  # fmt: skip
        found = await partner.get("/wallet-transactions", **query)
        assert [one["id"] for one in found["data"]] == [moved], query
    for query in ({"state": "failed"}, {"referenceType": "CHARGE"}, {"group": "withdraw"}, {"state": "other"}):
        assert (await partner.get("/wallet-transactions", **whose, **query))["data"] == []
    older = await partner.get("/wallet-transactions", **whose, toDate=before.isoformat()[:19] + "Z")
    assert older["meta"]["totalItemCount"] == 0
    for query in ({"state": "lost"}, {"group": "loan"}, {"fromDate": "yesterday"}, {"teamId": "x"}):
        await partner.get("/wallet-transactions", 400, **query)


async def test_both_sides_see_a_transaction_and_nobody_else(stage: Stage, partner: Program) -> None:
    team, operator = await ids_of(stage)
    body = {"fromWalletId": team, "toWalletId": operator, "amount": 3}
    moved = (await partner.post(ADJUST, body, 201))["id"]
    narrow = await stage.program("all:delete", team_ids=[stage.ours.team_id])
    assert moved in {one["id"] for one in (await narrow.get("/wallet-transactions"))["data"]}
    assert (await narrow.get(f"/wallet-transactions/{moved}"))["id"] == moved
    stranger = await stage.program("all:delete", of=stage.theirs)
    await stranger.get(f"/wallet-transactions/{moved}", 404)
    assert (await stranger.get("/wallet-transactions"))["data"] == []
    assert (await stranger.get("/wallet-transactions", referenceId=str(operator)))["data"] == []
    await stranger.get("/wallet-transactions", 404, operatorId=stage.ours.viewer.operator_id)


async def test_what_moves_between_two_wallets_in_view_is_listed_once(stage: Stage, partner: Program) -> None:
    team, _ = await ids_of(stage)
    who: dict[str, Any] = {"asked_by": stage.ours.viewer, "now": stage.clock()}
    other = await create_team(stage.database, NewTeam(name="Other", currency="dkk"), join_code="other", **who)
    async with stage.database.begin() as tx:
        taker = await wallet_of(tx, "team", other, "dkk", now=stage.clock())
    for _ in range(3):
        stage.clock.after(seconds=1)
        await partner.post(ADJUST, {"fromWalletId": team, "toWalletId": taker.id, "amount": 1}, 201)
    both = await stage.program("all:delete", team_ids=[stage.ours.team_id, other])
    pages = [await both.get("/wallet-transactions", page=page, perPage=3) for page in (0, 1, 2)]
    assert {page["meta"]["totalItemCount"] for page in pages} == {4}
    listed = [one["id"] for page in pages for one in page["data"]]
    assert listed == sorted(set(listed), reverse=True)
    assert [len(page["data"]) for page in pages] == [3, 1, 0]


async def test_a_patch_changes_nothing(stage: Stage, partner: Program) -> None:
    moved = await fill(stage, stage.ours, 100)
    before = await partner.get(f"/wallet-transactions/{moved}")
    body = {"partnerExternalId": "mine", "partnerCustomPayload": {"a": 1}}
    assert await partner.patch(f"/wallet-transactions/{moved}", body) == before
    writer = await stage.program("transaction:write")
    assert await writer.patch(f"/wallet-transactions/{moved}", {}) == before
