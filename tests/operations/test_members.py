"""Members of a team, and teams nested in another."""

import pytest

from tests.operations.market import open_market
from tests.operations.story import Story
from wattline.domain.member import WalletUse
from wattline.domain.refusals import AlreadyTaken, Invalid, Unknown
from wattline.operations.members import NewMember, add_member, member_of, remove_member
from wattline.operations.nested_teams import Nesting, nest_team
from wattline.operations.operators import create_operator
from wattline.operations.users import NewUser, create_user


async def somebody(story: Story, operator_id: int | None = None) -> int:
    new = NewUser(
        operator_id=operator_id or story.viewer.operator_id,
        email=f"driver-{operator_id}@wattline.example",
        display_name="Demo driver",
        role="Driver",
    )
    return await create_user(story.database, new, password="long enough", now=story.now)


async def join_code(story: Story, team_id: int) -> str:
    async with story.database.read() as connection:
        code: str = await connection.fetchval("select join_code from team where id = $1", team_id)
    return code


async def test_a_member_is_found_with_their_switches(story: Story) -> None:
    user_id = await somebody(story)
    new = NewMember(
        team_id=story.team_id,
        user_id=user_id,
        can_pay_with_team_wallet=True,
        wallet_use=WalletUse.PARTNER,
        connector_ids=[story.box.connectors[1]],
    )
    member_id = await add_member(story.database, new, asked_by=story.viewer, now=story.now)
    async with story.database.read() as connection:
        member = await member_of(connection, team_id=story.team_id, user_id=user_id)
        assert await member_of(connection, team_id=story.neighbour_team_id, user_id=user_id) is None
    assert member is not None
    assert (member.id, member.accepted, member.wallet_use) == (member_id, True, WalletUse.PARTNER)
    assert member.connector_ids == frozenset({story.box.connectors[1]})


async def test_nobody_is_a_member_twice_and_nobody_of_somebody_elses_operator(story: Story) -> None:
    new = NewMember(team_id=story.team_id, user_id=await somebody(story))
    await add_member(story.database, new, asked_by=story.viewer, now=story.now)
    with pytest.raises(AlreadyTaken):
        await add_member(story.database, new, asked_by=story.viewer, now=story.now)
    other = await create_operator(story.database, "Other", identifier="OTH", now=story.now)
    stranger = NewMember(team_id=story.team_id, user_id=await somebody(story, other))
    with pytest.raises(Unknown):
        await add_member(story.database, stranger, asked_by=story.viewer, now=story.now)
    with pytest.raises(Unknown):
        await add_member(story.database, new, asked_by=story.viewer_of(operator_id=other), now=story.now)


async def test_a_team_is_nested_by_its_join_code_once_and_never_in_itself(story: Story) -> None:
    async def nest(code: str) -> int:
        nesting = Nesting(parent_team_id=story.team_id)
        return await nest_team(
            story.database, nesting, join_code=code, accepted=True, asked_by=story.viewer, now=story.now
        )

    code = await join_code(story, story.neighbour_team_id)
    assert await nest(f" {code} ")
    with pytest.raises(AlreadyTaken):
        await nest(code)
    with pytest.raises(Invalid):
        await nest(await join_code(story, story.team_id))
    with pytest.raises(Unknown):
        await nest("NO-SUCH")


async def test_somebody_removed_in_mid_charge_ends_it_as_usual_and_starts_no_more(story: Story) -> None:
    market, team_id = await open_market(story), story.neighbour_team_id
    user_id = await somebody(story)
    new = NewMember(
        team_id=team_id, user_id=user_id, can_pay_with_team_wallet=True, wallet_use=WalletUse.OPERATOR
    )  # fmt: skip
    member_id = await add_member(story.database, new, asked_by=story.viewer, now=story.now)
    await story.add_key("04A1B2C3", team_id=team_id, user_id=user_id)
    began = await story.begin("04A1B2C3", meter_wh=1_000)
    assert began.status == "Accepted"
    story.later(minutes=10)
    await remove_member(story.database, member_id, asked_by=story.viewer, now=story.now)
    story.later(minutes=20)
    await story.end(began.ocpp_transaction_id, 5_000)
    await story.status("Available")
    # 4 kWh at 0.50, paid by the team as when it began.
    assert await market.has("team", team_id) == 9_800
    assert (await story.tap("04A1B2C3")).status == "Blocked"
