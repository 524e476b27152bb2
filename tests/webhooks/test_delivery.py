"""From a fact to a signed delivery, with failures in between."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from tests.webhooks.conftest import SECRET, Story
from tests.webhooks.receiver import BROKEN, OK, REDIRECT, Receiver, receiving
from wattline.operations.operators import create_operator, viewer_of_operator
from wattline.operations.webhook_entries import forget_old_entries
from wattline.operations.webhook_replays import replay_entry


async def test_a_new_charge_point_is_told_with_both_signatures(story: Story, receiver: Receiver) -> None:
    team = await story.team("Yard")
    key = await story.subscriber(receiver.url, event_types=("charge-points",))
    charge_point = await story.charge_point(team)
    await story.send()
    (delivery,) = receiver.deliveries
    delivery.must_be_signed_with(SECRET)
    assert delivery.headers["content-type"] == "application/json"
    body = msgspec.json.decode(delivery.body)
    assert list(body) == ["entries", "pending", "timestamp"]
    assert body["pending"] == 0
    assert body["timestamp"] == int(story.now.timestamp() * 1000)
    (entry,) = body["entries"]
    assert entry["entityType"] == "charge-point"
    assert entry["entityId"] == str(charge_point)
    assert entry["eventType"] == "created"
    assert entry["eventTime"] == "2026-11-20T12:00:00Z"
    assert entry["payload"]["id"] == charge_point
    assert entry["payload"]["name"] == "Yard 1"
    assert b'"payload":{"id":%d,' % charge_point in delivery.body
    assert await story.statuses(key) == ["completed"]


async def test_what_was_sent_is_kept_letter_by_letter(story: Story, receiver: Receiver) -> None:
    team = await story.team("Yard")
    await story.subscriber(receiver.url, event_types=("charge-points",))
    await story.charge_point(team)
    await story.send()
    async with story.database.read() as connection:
        kept = await connection.fetchval("select payload::text from webhook_entry")
    assert kept.startswith('{"id":')
    assert b'"payload":%b}' % kept.encode() in receiver.deliveries[0].body


async def test_nothing_is_sent_twice(story: Story, receiver: Receiver) -> None:
    team = await story.team("Yard")
    await story.subscriber(receiver.url)
    await story.charge_point(team)
    for _ in range(3):
        await story.send(after=timedelta(minutes=2))
    kinds = [entry["entityType"] for entry in receiver.entries]
    assert kinds == ["team", "charge-point"]


async def test_a_failed_delivery_comes_again_with_the_same_id_and_entries(story: Story, receiver: Receiver) -> None:
    receiver.answer = lambda _: BROKEN if len(receiver.deliveries) < 3 else OK
    team = await story.team("Yard")
    key = await story.subscriber(receiver.url, event_types=("charge-points",))
    await story.charge_point(team)
    await story.send()
    assert await story.statuses(key) == ["pending"]
    await story.send(after=timedelta(seconds=59))
    assert len(receiver.deliveries) == 1
    await story.send(after=timedelta(seconds=1))
    await story.send(after=timedelta(seconds=60))
    first, second, third = receiver.deliveries
    assert first.webhook_id == second.webhook_id == third.webhook_id
    assert first.entries == second.entries == third.entries
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    for delivery in receiver.deliveries:
        delivery.must_be_signed_with(SECRET)
    assert await story.statuses(key) == ["completed"]


async def test_a_worker_that_died_while_sending_sends_the_same_batch_again(story: Story, receiver: Receiver) -> None:
    team = await story.team("Yard")
    key = await story.subscriber(receiver.url, event_types=("charge-points",))
    await story.charge_point(team)
    receiver.answer = lambda _: b""
    await story.sender.step()
    await receiver.until(lambda seen: len(seen.deliveries) == 1)
    (task,) = story.sender._busy.values()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    receiver.answer = lambda _: OK
    story.sender = story.new_sender()
    await story.send(after=timedelta(seconds=60))
    first, second = receiver.deliveries
    assert first.webhook_id == second.webhook_id
    assert first.entries == second.entries
    assert await story.statuses(key) == ["completed"]


ODD = b"HTTP/1.1 418 Odd\r\nContent-Length: 3\r\n\r\n\x00\xff\x00"


@pytest.mark.parametrize(
    ("reply", "code"),
    [(REDIRECT, "HTTP_302"), (BROKEN, "HTTP_500"), (ODD, "HTTP_418"), (None, "CONNECTION_FAILED")],
)
async def test_why_it_failed_is_kept(story: Story, receiver: Receiver, reply: bytes | None, code: str) -> None:
    receiver.answer = lambda _: reply
    team = await story.team("Yard")
    await story.subscriber(receiver.url, event_types=("charge-points",))
    await story.charge_point(team)
    await story.send()
    async with story.database.read() as connection:
        row = await connection.fetchrow("select status, error_code, error_message from webhook_entry")
    assert row is not None
    assert (row["status"], row["error_code"]) == ("pending", code)


async def test_a_secret_that_cannot_be_read_any_more_is_told(story: Story, receiver: Receiver) -> None:
    team = await story.team("Yard")
    await story.subscriber(receiver.url, event_types=("charge-points",))
    async with story.database.begin() as tx:
        await tx.execute("update webhook_config set secret_sealed = decode(repeat('00', 40), 'hex')")
    await story.charge_point(team)
    await story.send()
    async with story.database.read() as connection:
        assert await connection.fetchval("select error_code from webhook_entry") == "SECRET_UNREADABLE"
    assert receiver.deliveries == []


async def test_a_charge_that_cannot_be_shown_holds_up_no_other(story: Story, receiver: Receiver) -> None:
    await story.subscriber(receiver.url, event_types=("charges",))
    charge_point = await story.charge_point(await story.team("Yard"))
    broken = await story.charge(charge_point, payment_session={"provider": 5})
    whole = await story.charge(charge_point, payment_session=None)
    await story.send()
    told = {entry["entityId"]: entry["payload"] for entry in receiver.entries}
    assert told.keys() == {str(broken), str(whole)}
    assert told[str(broken)] is None
    assert isinstance(told[str(whole)], dict)


async def test_after_a_day_we_give_up(story: Story, receiver: Receiver) -> None:
    receiver.answer = lambda _: BROKEN
    team = await story.team("Yard")
    key = await story.subscriber(receiver.url, event_types=("charge-points",))
    await story.charge_point(team)
    await story.send()
    await story.send(after=timedelta(hours=23, minutes=59))
    assert await story.statuses(key) == ["pending"]
    await story.send(after=timedelta(minutes=2))
    assert await story.statuses(key) == ["failed"]
    await story.send(after=timedelta(minutes=2))
    assert len(receiver.deliveries) == 3


async def test_a_batch_nobody_can_digest_holds_up_nothing_behind_it(story: Story, receiver: Receiver) -> None:
    team = await story.team("Yard")
    key = await story.subscriber(receiver.url, event_types=("charge-points",))
    receiver.answer = lambda delivery: BROKEN if b"Poison" in delivery.body else OK
    await story.charge_point(team, "Poison")
    await story.send()
    await story.charge_point(team, "Good")
    await story.send(after=timedelta(seconds=2))
    assert await story.statuses(key) == ["pending", "completed"]


async def test_a_subscriber_that_hangs_delays_no_other(story: Story, receiver: Receiver) -> None:
    async with receiving() as hanging:
        hanging.answer = lambda _: b""
        team = await story.team("Yard")
        slow = await story.subscriber(hanging.url, event_types=("charge-points",))
        await story.subscriber(receiver.url, event_types=("charge-points",))
        await story.charge_point(team)
        await story.sender.step()
        await receiver.until(lambda seen: len(seen.deliveries) == 1, seconds_max=story.rules.timeout_seconds / 2)
        assert await story.statuses(slow) == ["pending"]
    await story.sender.until_idle()


async def test_many_entries_go_out_in_batches_of_a_hundred(story: Story, receiver: Receiver) -> None:
    team = await story.team("Yard")
    await story.subscriber(receiver.url, event_types=("charge-points",))
    for number in range(230):
        await story.charge_point(team, f"Yard {number}")
    await story.send()
    sizes = [len(delivery.entries) for delivery in receiver.deliveries]
    pending = [msgspec.json.decode(delivery.body)["pending"] for delivery in receiver.deliveries]
    assert sizes == [100, 100, 30]
    assert pending == [130, 30, 0]
    names = [entry["payload"]["name"] for entry in receiver.entries]  # type: ignore[index]
    assert names == [f"Yard {number}" for number in range(230)]


async def test_each_hears_only_its_teams_and_event_types(story: Story, receiver: Receiver) -> None:
    ours, theirs = await story.team("Ours"), await story.team("Theirs")
    by_wish = await story.subscriber(receiver.url, event_types=("charge-points",), team_ids=(ours,))
    by_key = await story.subscriber(receiver.url, event_types=("charge-points",), key_team_ids=(theirs,))
    deaf = await story.subscriber(receiver.url, event_types=("charges",))
    await story.charge_point(ours)
    await story.charge_point(theirs)
    await story.charge_point(theirs)
    await story.send()
    heard = [len(await story.statuses(key)) for key in (by_wish, by_key, deaf)]
    assert heard == [1, 2, 0]


async def test_a_main_operator_hears_its_sub_operators_but_not_the_other_way_round(
    story: Story, receiver: Receiver
) -> None:
    main_key = await story.subscriber(receiver.url)
    sub = await create_operator(
        story.database, "Sub", identifier="SUB", parent_operator_id=story.viewer.operator_id, now=story.now
    )
    sub_viewer = await viewer_of_operator(story.database, sub, name="sub")
    sub_key = await story.subscriber(receiver.url, viewer=sub_viewer)
    await story.team("Main's")
    story.viewer = sub_viewer
    await story.team("Sub's")
    await story.send()
    assert [len(await story.statuses(key)) for key in (main_key, sub_key)] == [2, 1]


async def test_custom_headers_are_sent_but_never_in_place_of_ours(story: Story, receiver: Receiver) -> None:
    headers = {"X-Tenant": "blue", "x-monta-signature": "sha1=forged"}
    await story.subscriber(receiver.url, headers=headers)
    await story.team("Yard")
    await story.send()
    (delivery,) = receiver.deliveries
    assert delivery.headers["x-tenant"] == "blue"
    delivery.must_be_signed_with(SECRET)


async def test_a_removed_webhook_ends_what_still_waited(story: Story, receiver: Receiver) -> None:
    receiver.answer = lambda _: BROKEN
    key = await story.subscriber(receiver.url)
    await story.team("Yard")
    await story.send()
    async with story.database.begin() as tx:
        await tx.execute("delete from webhook_config where api_key_id = $1", key)
    await forget_old_entries(story.database, rules=story.rules, now=story.now)
    assert await story.statuses(key) == ["failed"]


async def test_entries_can_be_listed_for_more_than_a_day_then_go(story: Story, receiver: Receiver) -> None:
    key = await story.subscriber(receiver.url)
    await story.team("Yard")
    await story.send()
    await forget_old_entries(story.database, rules=story.rules, now=story.now + timedelta(hours=48))
    assert await story.statuses(key) == ["completed"]
    await forget_old_entries(story.database, rules=story.rules, now=story.now + timedelta(hours=73))
    assert await story.statuses(key) == []


async def test_what_is_sent_again_has_the_same_id_and_the_same_entries(story: Story, receiver: Receiver) -> None:
    team = await story.team("Yard")
    key = await story.subscriber(receiver.url, event_types=("charge-points",))
    await story.charge_point(team)
    await story.send()
    async with story.database.read() as connection:
        (entry,) = await connection.fetch("select id, operator_id from webhook_entry")
    viewer = await viewer_of_operator(story.database, entry["operator_id"], name="the story")
    await replay_entry(story.database, key, entry["id"], asked_by=viewer, now=story.now)
    assert await story.statuses(key) == ["pending"]
    await story.send(after=timedelta(days=2))
    first, again = receiver.deliveries
    assert again.headers["webhook-id"] == first.headers["webhook-id"]
    assert msgspec.json.decode(again.body)["entries"] == msgspec.json.decode(first.body)["entries"]
    assert await story.statuses(key) == ["completed"]
