"""Adding a charge point: saved step by step, corrected where it was wrong, taken up again where it was left."""

import re
from typing import Any

import pytest

from tests.doors.portal_adding import ADD, SOMEBODY, Adding, elsewhere, password_on
from tests.doors.portal_door import Clock, Visitor
from tests.doors.portal_story import NOW, Network
from wattline.database.connection import Database
from wattline.operations.reference_data import seed
from wattline.operations.secrets import box_password_hmac
from wattline.operations.users import NewUser, create_user


@pytest.fixture
async def adding(visitor: Visitor, network: Network, database: Database, clock: Clock) -> Adding:
    """The operations manager, with the catalogue at hand."""
    await seed(database, now=NOW)
    return Adding(visitor, network, database, clock)


async def test_it_is_there_from_the_first_step_on_and_can_be_left(adding: Adding) -> None:
    await adding.place()
    page = await adding.visitor.get(f"{adding.base}/model")
    assert "Connect Kolding Syd 7" in page.text
    assert 'href="/charge-points">Not now' in page.source
    listed = await adding.visitor.get("/charge-points?q=Kolding Syd 7")
    assert "Never connected" in listed.text
    assert f'href="{adding.base}"' in listed.source
    assert (await adding.visitor.get(adding.base, 303)).headers["location"] == f"{adding.base}/model"


async def test_until_it_has_called_it_is_not_missed(adding: Adding) -> None:
    before = re.search(r'id="count-charge-points">(\d+)', (await adding.visitor.get("/charge-points")).source)
    await adding.place()
    await adding.hardware()
    page = await adding.visitor.get("/charge-points?q=KOL-0007")
    assert "Never connected" in page.text
    after = re.search(r'id="count-charge-points">(\d+)', page.source)
    assert before is not None
    assert after is not None
    assert before[1] == after[1]
    page = await adding.visitor.get(f"/charge-points/{await adding.box_id()}")
    assert "Never connected" in page.text
    assert f'href="{adding.base}"' in page.source


async def test_a_new_site_is_made_on_the_way(adding: Adding) -> None:
    fields: dict[str, Any] = {
        "where": "new",
        "site_name": "Vejle Nord",
        "address1": "Nordvej 1",
        "zip_code": "7100",
        "city": "Vejle",
    }
    await adding.place(**fields, country=194)
    (row,) = await adding.rows(
        "select s.name, s.city, k.evse_id from connector k join site s on s.id = k.site_id where k.id = $1"
    )
    assert (row["name"], row["city"]) == ("Vejle Nord", "Vejle")
    assert row["evse_id"].startswith("DK*")


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"name": "  "}, "Name is empty. Write what people on site call it."),
        ({"name": "x" * 121}, "Name is longer than 120 characters."),
        ({"site": ""}, "Site choose one, or make a new one."),
        ({"where": "new", "site_name": ""}, "Name of the site is empty."),
        ({"where": "new", "site_name": "Vejle", "city": "Vejle"}, "Street is missing."),
    ],
)
async def test_what_is_missing_is_said_at_its_field_and_nothing_is_lost(
    adding: Adding, fields: dict[str, Any], problem: str
) -> None:
    page = await adding.place(**fields, status=400)
    assert problem in page.text
    assert 'aria-invalid="true"' in page.source
    assert f'value="{fields.get("city", "Vejle")}"' in page.source or "city" not in fields


async def test_the_catalogue_is_searched_by_words(adding: Adding) -> None:
    page = await adding.visitor.get(f"{ADD}/models?q=hyper alpi")
    assert "Alpitronic Hypercharger HYC150" in page.text
    assert "Alfen" not in page.text
    nothing = await adding.visitor.get(f"{ADD}/models?q=toaster&model=11")
    assert "Alpitronic Hypercharger HYC150" in nothing.text
    assert "Every charge point that speaks OCPP 1.6 works" in nothing.text


async def test_the_password_is_shown_once_with_a_code_that_holds_it(adding: Adding) -> None:
    await adding.place()
    page = await adding.hardware()
    password = password_on(page)
    assert len(password) == 40
    assert "ws://wattline.test:8410/ocpp" in page.text
    assert "free charging" in page.text
    assert 'class="code"' in page.source
    again = await adding.visitor.get(f"{adding.base}/set-up")
    assert password not in again.source
    (row,) = await adding.rows(
        "select b.password_hmac from charge_point b join connector k on k.charge_point_id = b.id where k.id = $1"
    )
    assert row["password_hmac"] == box_password_hmac(password.encode(), b"pepper of the tests")


async def test_a_lost_password_is_replaced(adding: Adding) -> None:
    await adding.place()
    first = password_on(await adding.hardware())
    await adding.visitor.get(f"{adding.base}/set-up")
    second = password_on(await adding.visitor.submit(f"{adding.base}/password"))
    assert len(second) == 40
    assert second != first


async def test_an_identity_in_use_says_by_whom_but_not_across_operators(adding: Adding) -> None:
    await adding.place()
    page = await adding.hardware("kol-0004", status=400)
    assert "Serial is in use by: Havnelys Energi." in page.text
    assert f'href="/charge-points/{adding.network.boxes["KOL-0004"]}"' in page.source
    await elsewhere(adding.database, "XKOL-0001")
    page = await adding.hardware("XKOL-0001", status=400)
    assert "Serial is already in use." in page.text
    assert "Elsewhere" not in page.source


async def test_no_serial_is_told_from_one_that_cannot_be(adding: Adding) -> None:
    await adding.place()
    assert "No serial. It is on a sticker" in (await adding.hardware("", status=400)).text
    assert "Identity has a character that cannot be" in (await adding.hardware("KOL?7", status=400)).text
    assert "Choose one." in (await adding.hardware(model="", status=400)).text


async def test_a_correction_keeps_the_password_and_the_number_of_boxes(adding: Adding) -> None:
    await adding.place()
    await adding.hardware()
    page = await adding.hardware("KOL-0008", connectors=1, status=303)
    assert page.headers["location"] == f"{adding.base}/set-up"
    rows = await adding.rows(
        """select b.identity, count(*) as connectors from charge_point b join connector k on k.charge_point_id = b.id
           where k.deleted_at is null and b.id = (select charge_point_id from connector where id = $1) group by 1"""
    )
    assert [tuple(row) for row in rows] == [("KOL-0008", 1)]


async def test_when_all_went_well_it_gets_its_access_and_is_made_active(adding: Adding) -> None:
    await adding.place()
    await adding.hardware()
    await adding.comes()
    assert (await adding.visitor.get(adding.base, 303)).headers["location"] == f"{adding.base}/access"
    await adding.visitor.get(f"{adding.base}/access")
    page = await adding.visitor.submit(f"{adding.base}/access", {"visibility": "public", "map": "yes"}, 303)
    assert page.headers["location"] == f"{adding.base}/active"
    assert "For testing" in (await adding.visitor.get(f"{adding.base}/active")).text
    page = await adding.visitor.submit(f"{adding.base}/active", {"active": "yes"}, 303)
    assert page.headers["location"] == f"/charge-points/{await adding.box_id()}"
    rows = await adding.rows(
        """select visibility, show_on_map, active_at is not null from connector
           where charge_point_id = (select charge_point_id from connector where id = $1)"""
    )
    assert [tuple(row) for row in rows] == [("public", True, True), ("public", True, True)]


async def test_the_steps_on_the_left_lead_back_but_not_ahead(adding: Adding) -> None:
    await adding.place()
    await adding.hardware()
    page = await adding.visitor.get(f"{adding.base}/set-up")
    linked = re.findall(rf'<a href="{adding.base}/([a-z-]+)">', page.source)
    assert linked[:2] == ["place", "model"]
    assert "access" not in linked
    assert '<li aria-current="step">' in page.source


async def test_other_operators_newcomers_do_not_exist(adding: Adding, stranger: Visitor, database: Database) -> None:
    await adding.place()
    await adding.hardware()
    await elsewhere(database)
    stranger.http.cookies.clear()
    await stranger.log_in(SOMEBODY)
    await stranger.get(ADD)
    for step in ("", "/place", "/model", "/set-up", "/verify", "/access", "/active"):
        assert "There is nothing here" in (await stranger.get(adding.base + step, 404)).text
    await stranger.get(f"/live{adding.base}/verify", 404)
    for step in ("/place", "/model", "/password", "/listen", "/identity", "/access", "/active"):
        await stranger.get(ADD)
        await stranger.submit(adding.base + step, {"name": "x", "team": "1"}, 404)


async def test_who_may_only_look_is_told_so(stranger: Visitor, network: Network, database: Database) -> None:
    who = NewUser(
        operator_id=network.operator_id, email="books@havnelys.example", display_name="Books", role="Bookkeeper"
    )
    await create_user(database, who, password="correct horse battery", now=NOW)
    await stranger.log_in("books@havnelys.example")
    assert "Your role does not reach this far" in (await stranger.get(ADD, 403)).text


async def test_a_form_without_our_token_adds_nothing(adding: Adding, database: Database) -> None:
    await adding.visitor.get(ADD)
    await adding.visitor.submit(ADD, {"csrf": "guessed", "name": "x", "team": adding.network.team_id}, 403)
    async with database.read() as connection:
        assert await connection.fetchval("select count(*) from connector where name = 'x'") == 0


async def test_no_step_needs_inline_style_or_script(adding: Adding) -> None:
    await adding.place()
    pages = [await adding.visitor.get(ADD), await adding.hardware()]
    pages += [await adding.visitor.get(f"{adding.base}/{step}") for step in ("model", "verify", "access", "active")]
    pages += [await adding.visitor.get(path) for path in ("/emulator", "/api-and-webhooks", "/api-and-webhooks/new")]
    for page in pages:
        assert page.all(r"\sstyle=") == []
        assert page.all(r"\son[a-z]+=") == []
        assert [source for source in page.all(r"<script\b[^>]*>(.*?)</script>") if source.strip()] == []
