"""A payment terminal's program charges a car at a charge point that is not ours (mission page S3), start to webhook."""

import asyncio
from pathlib import Path
from typing import Any

import httpx

from tests.journeys.foreign_charge_point import ForeignChargePoint, foreign_charge_point
from tests.journeys.partner import get, program, subscribe
from tests.journeys.server import running
from tests.waiting import eventually
from tests.webhooks.receiver import Receiver, receiving

SECRET = "the terminal's own secret"
# The three that the mission page names, and what the story needs besides.
SCOPES = (
    "charge-points:read",
    "charge-transactions:read",
    "control-charging:write",
    "manage-webhooks:write",
    "teams:read",
)
SESSION = {
    "provider": "logos",
    "externalId": "SHOWN-ON-RECEIPT-1",
    "partnerExternalId": "till-7",
    "cardBrand": "visa",
    "cardLast4": "4242",
}


async def test_a_terminal_charges_a_car_from_start_to_webhook(data_directory: Path) -> None:
    fast = {"WATTLINE_WEBHOOKS_ALLOW_LOOPBACK": "true", "WATTLINE_WEBHOOKS_EVERY_SECONDS": "0.2"}
    fast |= {"WATTLINE_OCPP_SETTLE_SECONDS": "0.1"}
    async with running(data_directory, "--no-demo", **fast) as server, receiving() as receiver:
        (box,) = await server.command("charge-points", "create", "--identity", "FOREIGN-1")
        async with (
            program(server, *SCOPES) as api,
            foreign_charge_point(server.ocpp, "FOREIGN-1", box["password"]) as charge_point,
        ):
            await subscribe(api, receiver.url, SECRET)
            assert (await charge_point.boot()).status == "Accepted"
            await charge_point.report("Available")
            charge = await charge_through(api, charge_point, box["ids"][0])
        await receiver.until(lambda seen: "completed" in states_told(seen, charge["id"]))
        check_what_was_told(receiver, charge)


async def charge_through(api: httpx.AsyncClient, charge_point: ForeignChargePoint, charge_point_id: int) -> Any:
    """Start by the API, charge 5 kWh, stop by the API, unplug; return the completed charge."""
    wanted = {
        "chargePointId": charge_point_id,
        "payingTeamId": (await get(api, "/teams"))["data"][0]["id"],
        "partnerExternalId": "session-0001",
        "genericPaymentSession": SESSION,
    }
    answer = await api.post("/charges", json=wanted)
    assert answer.status_code == 200, answer.text
    charge = answer.json()
    assert charge["state"] == "starting"
    path = f"/charges/{charge['id']}"

    tag = await asyncio.wait_for(charge_point.asked_to_start, 60)
    await charge_point.report("Preparing")
    transaction = await charge_point.begin(tag, 100_000)
    await charge_point.report("Charging")
    await charge_point.meter(transaction, 102_000, 11_000)
    await charge_point.meter(transaction, 105_000, 10_500)
    running_charge = await get(api, path)
    assert (running_charge["state"], running_charge["consumedKwh"]) == ("charging", 5)

    stop = await api.get(f"{path}/stop")
    assert stop.status_code == 200, stop.text
    assert await asyncio.wait_for(charge_point.asked_to_stop, 60) == transaction
    await charge_point.end(transaction, 105_200, "Remote")
    await charge_point.report("Finishing")
    await charge_point.report("Available")
    return await eventually(lambda: completed(api, path))


async def completed(api: httpx.AsyncClient, path: str) -> Any:
    charge = await get(api, path)
    return charge if charge["state"] == "completed" else None


def check_what_was_told(receiver: Receiver, charge: Any) -> None:
    """Every delivery is signed twice, and the charge is told from its beginning to its end."""
    for delivery in receiver.deliveries:
        delivery.must_be_signed_with(SECRET)
    assert len({delivery.webhook_id for delivery in receiver.deliveries}) == len(receiver.deliveries)
    last = [entry["payload"] for entry in receiver.entries if entry["entityId"] == str(charge["id"])][-1]
    assert isinstance(last, dict)
    assert (last["state"], last["consumedKwh"], last["partnerExternalId"]) == ("completed", 5.2, "session-0001")
    assert last["genericPaymentSession"].items() >= SESSION.items()
    assert last.keys() == charge.keys()


def states_told(receiver: Receiver, charge_id: int) -> list[str]:
    entries: list[Any] = [entry for entry in receiver.entries if entry["entityId"] == str(charge_id)]
    return [entry["payload"]["state"] for entry in entries if entry["entityType"] == "charge"]
