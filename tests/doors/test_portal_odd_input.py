"""What no page of ours sends: ids beyond all counting, characters nobody types, headers that make no sense."""

import pytest

from tests.doors.accounts import letters_to, open_sign_up, sign_up
from tests.doors.portal_door import Visitor
from tests.doors.portal_story import EMAIL, PASSWORD, Network
from wattline.database.connection import Database
from wattline.domain.naming import checked_name
from wattline.domain.refusals import Invalid
from wattline.operations.users import must_be_address

TOO_LARGE = 2**63
ROOMS = ("wallets", "sites", "teams", "charge-points", "charges", "members", "c")


@pytest.mark.parametrize("id_", [TOO_LARGE, 10**40])
async def test_an_id_that_cannot_be_is_nothing(visitor: Visitor, id_: int) -> None:
    for room in ROOMS:
        assert "There is nothing here" in (await visitor.get(f"/{room}/{id_}", 404)).text
    await visitor.get("/wallets")
    await visitor.submit(f"/sites/{id_}/delete", {}, 404)
    await visitor.submit("/pay/a%00b/stop", {}, 404)


@pytest.mark.parametrize("name", ["origin", "referer", "hx-current-url"])
async def test_an_address_in_a_header_that_makes_no_sense_is_no_fault_of_ours(stranger: Visitor, name: str) -> None:
    await stranger.get("/login")
    wanted = 403 if name == "origin" else 401
    await stranger.submit("/account/profile", {}, wanted, **{name: "http://[bad"})


async def test_a_search_for_what_cannot_be_kept_says_so(visitor: Visitor) -> None:
    page = await visitor.get("/charge-points?q=a%00b", 400)
    assert "We could not keep that" in page.text


async def test_a_nul_is_left_out_of_what_was_typed(stranger: Visitor, network: Network, database: Database) -> None:
    await open_sign_up(database, network.operator_id)
    await sign_up(stranger, "dri\0ver@new.example")
    assert len(await letters_to(database, "driver@new.example")) == 1
    await stranger.get("/login")
    await stranger.submit("/login", {"email": f"\0{EMAIL}", "password": PASSWORD}, 303)


@pytest.mark.parametrize(
    "email",
    [
        "victim@a.example,me@b.example",
        "<me@b.example>",
        "me@a@b.example",
        "\u202eme@b.example",
        "\u212aim@b.example",
        f"{'a' * 250}@b.example",
    ],
)
def test_an_address_that_is_two_or_passes_for_another_is_none(email: str) -> None:
    with pytest.raises(Invalid, match="is not an e-mail address"):
        must_be_address(email)


@pytest.mark.parametrize("email", ["o'brien@b.example", "a+b@b.example", "bø@b.example", "root@localhost"])
def test_an_address_people_have_is_one(email: str) -> None:
    must_be_address(email)


@pytest.mark.parametrize("name", ["Bay\0 4", "Bay \u202e4", "Bay\x1b[2J"])
def test_a_name_has_nothing_that_cannot_be_seen(name: str) -> None:
    with pytest.raises(Invalid, match="cannot be seen"):
        checked_name(name)


def test_a_name_may_have_joined_pictures() -> None:
    assert checked_name("Bay 👩\u200d🔧  4") == "Bay 👩\u200d🔧 4"


async def test_a_number_without_end_is_no_number(visitor: Visitor, network: Network) -> None:
    box = network.boxes["KOL-0004"]
    await visitor.get(f"/charge-points/{box}")
    for charge in ("1e400", "nan", "-inf"):
        page = await visitor.do(f"/charge-points/{box}/force-stop", {"charge": charge}, 400)
        assert "is not a number" in page.text


async def test_a_file_of_nobody_says_that_nobody_was_written_to(visitor: Visitor, network: Network) -> None:
    await visitor.get("/members/import")
    page = await visitor.upload("/members/import", {"team": network.team_id}, b"email,name\n")
    assert "Nobody stands in the file" in page.text
