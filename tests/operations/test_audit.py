"""What lines of the audit log say: how it was before and after, and no secret."""

from decimal import Decimal
from typing import Any

import pytest

from tests.operations.story import Story
from wattline.operations.audit import changed
from wattline.operations.sites import NewSite, create_site, patch_site
from wattline.operations.users import NewUser, create_user, set_password


@pytest.mark.parametrize(
    "name",
    ["password", "password_hash", "token", "secret", "client_secret_sealed", "webhook_secret_sealed", "iban",
     "iban_sealed", "custom_headers", "webhook_url", "passcode_hash", "recovery_codes"],
)  # fmt: skip
def test_a_secret_is_blotted_out(name: str) -> None:
    assert changed({name: "old"}, {name: "new"}) == {"changes": {name: ["…", "…"]}}
    assert changed({}, {name: "new"}) == {"changes": {name: [None, "…"]}}
    assert changed({}, {"payload": {name: "new"}}) == {"changes": {"payload": [None, {name: "…"}]}}


def test_only_what_differs_is_said() -> None:
    before = {"name": "A", "price": Decimal("1.0"), "ids": [1, 2], "logo": b"1"}
    after = {"name": "A", "price": Decimal("1.00"), "ids": (1, 2), "logo": b"2", "updated_at": 1}
    assert changed(before, after) == {"changes": {"logo": ["…", "…"]}}


async def line_of(story: Story, deed: str, thing: str, thing_id: int) -> Any:
    async with story.database.read() as connection:
        return await connection.fetchrow(
            "select * from audit where deed = $1 and entity_type = $2 and entity_id = $3", deed, thing, str(thing_id)
        )


async def test_an_edit_of_a_site_says_how_it_was(story: Story) -> None:
    who: dict[str, Any] = {"asked_by": story.viewer, "now": story.now}
    site_id = await create_site(story.database, NewSite(team_id=story.team_id, name="Harbour"), **who)
    await patch_site(story.database, site_id, {"name": "Old harbour", "visibility": "private"}, **who)
    line = await line_of(story, "edit", "site", site_id)
    assert line["detail"] == {"changes": {"name": ["Harbour", "Old harbour"]}}


async def test_accounts_made_and_passwords_set_by_the_command_line_leave_lines(story: Story) -> None:
    new = NewUser(operator_id=story.viewer.operator_id, email="a@wattline.example", display_name="A", role="Driver")
    user_id = await create_user(story.database, new, password="long enough", now=story.now)
    assert await set_password(story.database, new.email, password="another long one", now=story.now)
    made = await line_of(story, "create", "user", user_id)
    assert (made["who"], made["detail"]) == ("command line", {"email": "a@wattline.example", "role": "Driver"})
    given = await line_of(story, "set-password", "user", user_id)
    assert given["operator_id"] == story.viewer.operator_id
    assert "another long one" not in str(dict(given))
