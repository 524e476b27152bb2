"""The passcode of a wallet, with the database counting the tries."""

import asyncio
import re
from datetime import timedelta

import pytest

from tests.operations.story import Story
from wattline.domain.access import Viewer
from wattline.domain.passcode import NoPasscode, PasscodeLocked, PasscodeResetNeeded, WrongPasscode
from wattline.domain.refusals import NotReady, Refusal
from wattline.operations.passcode_resets import ask_for_reset, reset_passcode
from wattline.operations.passcodes import set_passcode, use_passcode
from wattline.operations.users import NewUser, create_user

PEPPER = b"p" * 32


async def somebody(story: Story, email: str = "driver@wattline.example") -> int:
    new = NewUser(operator_id=story.viewer.operator_id, email=email, display_name="Demo driver", role="Driver")
    return await create_user(story.database, new, password="long enough", now=story.now)


async def choose(story: Story, user_id: int, digits: str, *, old: str | None = None) -> None:
    await set_passcode(story.database, user_id, first=digits, second=digits, old=old, pepper=PEPPER, now=story.now)


async def enter(story: Story, user_id: int, digits: str) -> Refusal | None:
    try:
        await use_passcode(story.database, user_id, digits, pepper=PEPPER, now=story.now)
    except Refusal as refusal:
        return refusal
    return None


def person(story: Story, user_id: int) -> Viewer:
    operator_id = story.viewer.operator_id
    return Viewer(name="Demo driver", operator_id=operator_id, operator_ids=(operator_id,), user_id=user_id)


async def ask_for_link(story: Story, user_id: int) -> int:
    """Ask for the letter; return what its link names the passcode by."""
    await ask_for_reset(
        story.database, asked_by=person(story, user_id), web_url="https://w.example", pepper=PEPPER, now=story.now
    )
    rows = await story.rows("select text_body from mail order by id desc limit 1")
    found = re.search(rf"https://w.example/passcode/reset/{user_id}/(\d+)\?ends=", rows[0]["text_body"])
    assert found
    return int(found[1])


async def reset(story: Story, user_id: int, stamp: int, digits: str) -> None:
    viewer = person(story, user_id)
    await reset_passcode(
        story.database, stamp, first=digits, second=digits, asked_by=viewer, pepper=PEPPER, now=story.now
    )


async def test_a_wallet_without_a_passcode_cannot_be_used(story: Story) -> None:
    assert isinstance(await enter(story, await somebody(story), "0000"), NoPasscode)


async def test_the_right_digits_open_it_again_and_again(story: Story) -> None:
    user_id = await somebody(story)
    await choose(story, user_id, "4711")
    assert [await enter(story, user_id, "4711") for _ in range(2)] == [None, None]
    assert isinstance(await enter(story, user_id, "4712"), WrongPasscode)


async def test_a_storm_of_wrong_ones_locks_it_after_five_even_for_the_right_one(story: Story) -> None:
    user_id = await somebody(story)
    await choose(story, user_id, "4711")
    storm = await asyncio.gather(*(enter(story, user_id, f"{code:04}") for code in range(20)))
    assert sum(isinstance(refusal, WrongPasscode) for refusal in storm) == 4
    assert sum(isinstance(refusal, PasscodeLocked) for refusal in storm) == 16
    assert isinstance(await enter(story, user_id, "4711"), PasscodeLocked)
    story.now += timedelta(minutes=15)
    assert await enter(story, user_id, "4711") is None


async def test_ten_wrong_ones_need_a_reset(story: Story) -> None:
    user_id = await somebody(story)
    await choose(story, user_id, "4711")
    for _ in range(2):
        for code in range(5):
            await enter(story, user_id, f"{code:04}")
        story.now += timedelta(hours=1)
    assert isinstance(await enter(story, user_id, "4711"), PasscodeResetNeeded)
    stamp = await ask_for_link(story, user_id)
    await reset(story, user_id, stamp, "1212")
    assert await enter(story, user_id, "1212") is None
    with pytest.raises(NotReady, match="used already"):
        await reset(story, user_id, stamp, "1313")
    assert await enter(story, user_id, "1212") is None


async def test_a_link_is_sent_once_a_minute_and_to_nobody_without_a_passcode(story: Story) -> None:
    user_id = await somebody(story)
    with pytest.raises(NotReady, match="no passcode yet"):
        await ask_for_link(story, user_id)
    await choose(story, user_id, "4711")
    await ask_for_link(story, user_id)
    with pytest.raises(NotReady, match="on its way already"):
        await ask_for_link(story, user_id)


async def test_changing_it_needs_the_old_one(story: Story) -> None:
    user_id = await somebody(story)
    await choose(story, user_id, "4711")
    with pytest.raises(WrongPasscode):
        await choose(story, user_id, "0000", old="1111")
    await choose(story, user_id, "0000", old="4711")
    assert await enter(story, user_id, "0000") is None


async def test_the_same_digits_of_two_people_look_nothing_alike(story: Story) -> None:
    users = [await somebody(story, f"driver{number}@wattline.example") for number in range(2)]
    for user_id in users:
        await choose(story, user_id, "4711")
    async with story.database.read() as connection:
        hashes = [row["hash"] for row in await connection.fetch("select hash from passcode")]
    assert len(set(hashes)) == 2
    assert all(hashed.startswith("$argon2id$") and "4711" not in hashed.split("$")[-1] for hashed in hashes)
