"""What the Portal does not let through: forms that are not ours, other operators' things, names that are markup."""

import pytest
from litestar import Litestar

from tests.doors.portal_door import Visitor
from tests.doors.portal_story import NOW, Network, add_box, begin_operator, give_away
from wattline.database.connection import Database
from wattline.database.roles import as_owner
from wattline.operations.users import NewUser, create_user

NASTY = "<img src=x onerror=alert(1)>\"'{{7*7}}</script>"


async def test_a_form_without_our_token_changes_nothing(visitor: Visitor, network: Network, database: Database) -> None:
    charge = network.charges["KOL-0004/1"]
    await visitor.get(f"/charges/{charge}")
    page = await visitor.submit(f"/charges/{charge}/force-stop", {"csrf": "guessed"}, 403)
    assert "That was not let through" in page.text
    async with database.read() as connection:
        assert await connection.fetchval("select state from charge where id = $1", charge) == "charging"


@pytest.mark.parametrize("header", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
async def test_a_form_from_another_site_is_refused_even_with_a_token(
    visitor: Visitor, network: Network, header: dict[str, str]
) -> None:
    charge = network.charges["KOL-0004/1"]
    await visitor.get(f"/charges/{charge}")
    await visitor.submit(f"/charges/{charge}/force-stop", {}, 403, **header)


async def test_a_log_in_form_of_another_site_is_refused(stranger: Visitor, network: Network) -> None:
    await stranger.get("/login")
    stranger.http.cookies.clear()
    await stranger.submit("/login", {"email": "x@y.example", "password": "whatever"}, 403)


async def test_the_token_looks_different_on_every_page(visitor: Visitor) -> None:
    first, second = await visitor.get("/charges"), await visitor.get("/charges")
    assert first.csrf != second.csrf


async def test_every_answer_forbids_foreign_scripts_and_frames(visitor: Visitor, network: Network) -> None:
    box = network.boxes["KOL-0004"]
    paths = ["/charge-points", f"/charge-points/{box}", "/charges", "/palette?q=k", "/charge-points.csv", "/login"]
    answers = [await visitor.get(path) for path in paths] + [await visitor.get("/charges/1", 404)]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_no_page_needs_inline_style_or_script(visitor: Visitor, network: Network) -> None:
    box, charge = network.boxes["KOL-0004"], network.charges["cut short"]
    tabs = ["", "/charges", "/connection", "/actions", "/details"]
    paths = ["/charge-points", "/charges", f"/charges/{charge}", *(f"/charge-points/{box}{tab}" for tab in tabs)]
    for path in paths:
        page = await visitor.get(path)
        assert page.all(r"\sstyle=") == [], path
        assert page.all(r"\son[a-z]+=") == [], path
        assert [source for source in page.all(r"<script\b[^>]*>(.*?)</script>") if source.strip()] == [], path


async def test_other_operators_things_do_not_exist(visitor: Visitor, network: Network, database: Database) -> None:
    await give_away(database, network, "KOL-0004")
    box, charge = network.boxes["KOL-0004"], network.charges["KOL-0004/1"]
    for path in (
        f"/charge-points/{box}", f"/charge-points/{box}/charges", f"/charge-points/{box}/connection",
        f"/charge-points/{box}/actions", f"/charge-points/{box}/details", f"/charge-points/{box}/log.txt",
        f"/charge-points/{box}/dialogs/force-stop",
        f"/live/charge-points/{box}", f"/live/charge-points/{box}/connection", f"/charges/{charge}",
        f"/live/charges/{charge}",
    ):  # fmt: skip
        assert "There is nothing here" in (await visitor.get(path, 404)).text, path
    await visitor.get(f"/charge-points/{network.boxes['KOL-0003']}")
    for path in (
        f"/charge-points/{box}/check", f"/charge-points/{box}/deeds/reboot", f"/charge-points/{box}/start",
        f"/charge-points/{box}/stop", f"/charge-points/{box}/force-stop", f"/charges/{charge}/force-stop",
    ):  # fmt: skip
        await visitor.do(path, {"charge": charge, "connector": 1}, 404)
    async with database.read() as connection:
        assert await connection.fetchval("select state from charge where id = $1", charge) == "charging"


async def test_a_charge_is_stopped_only_from_the_page_of_its_own_charge_point(
    visitor: Visitor, network: Network
) -> None:
    box, other = network.boxes["KOL-0004"], network.charges["KOL-0002/1"]
    await visitor.get(f"/charge-points/{box}")
    await visitor.do(f"/charge-points/{box}/force-stop", {"charge": other}, 404)


async def test_lists_searches_and_files_show_only_our_own(
    visitor: Visitor, network: Network, database: Database
) -> None:
    theirs = Network(NOW)
    await begin_operator(database, theirs, name="Elsewhere", locale="en", email="somebody@elsewhere.example")
    async with database.begin() as tx:
        await add_box(tx, theirs, "SECRET-1", "Hidden Bay", ["type2"])
    for path in ("/charge-points?q=Hidden", "/palette?q=Hidden", "/charge-points.csv", "/charges?q=Hidden"):
        page = await visitor.get(path)
        assert "SECRET-1" not in page.source, path
        assert "Hidden Bay" not in page.source, path


async def test_names_are_text_wherever_they_stand(visitor: Visitor, network: Network, database: Database) -> None:
    box, charge = network.boxes["KOL-0004"], network.charges["KOL-0004/1"]
    async with database.begin() as tx:
        await tx.execute("update connector set name = $2 where charge_point_id = $1", box, NASTY)
        await tx.execute(
            "update charge_point set vendor = $2, model = $2, firmware_version = $2 where id = $1", box, NASTY
        )
        await tx.execute("update site set name = $1", NASTY)
        await tx.execute("update charge set partner_external_id = $2, note = $2 where id = $1", charge, NASTY)
        await tx.execute(
            "update log_line set detail = $2 where charge_point_id = $1", box, {"info": NASTY, "reason": NASTY}
        )
        await tx.execute("update frame set body = $2 where charge_point_id = $1", box, NASTY)
        await tx.execute("update users set display_name = $1", NASTY)
    paths = [
        "/charge-points", f"/charge-points?q={NASTY}", f"/charge-points/{box}", f"/charge-points/{box}/charges",
        f"/charge-points/{box}/connection", f"/charge-points/{box}/connection?view=all",
        f"/charge-points/{box}/details",
        f"/charge-points/{box}/actions", "/charges", f"/charges?q={NASTY}", f"/charges/{charge}",
        f"/palette?q={NASTY[:8]}",
        f"/palette?q=&here=charge-point/{box}",
    ]  # fmt: skip
    for path in paths:
        page = await visitor.get(path)
        assert "<img" not in page.source, path
        assert "49" not in page.all(r"onerror=alert\(1\)[^{]{0,20}(49)"), path


async def test_a_spreadsheet_calculates_nothing_from_a_name(
    visitor: Visitor, network: Network, database: Database
) -> None:
    async with database.begin() as tx:
        await tx.execute("update connector set name = '=cmd()' where id = $1", network.connectors["KOL-0004", 1])
    assert ",'=cmd()," in (await visitor.get("/charge-points.csv")).source


async def test_who_may_only_look_cannot_do(stranger: Visitor, network: Network, database: Database) -> None:
    bookkeeper = NewUser(
        operator_id=network.operator_id, email="books@havnelys.example", display_name="Bookkeeper", role="Bookkeeper"
    )
    await create_user(database, bookkeeper, password="some long password", now=NOW)
    await stranger.log_in("books@havnelys.example", "some long password")
    box, charge = network.boxes["KOL-0004"], network.charges["KOL-0004/1"]
    await stranger.get(f"/charge-points/{box}")
    for path in (f"/charge-points/{box}/deeds/reboot", f"/charge-points/{box}/start", f"/charges/{charge}/force-stop"):
        page = await stranger.do(path, {}, 403)
        assert "Your role does not reach this far" in page.text


async def test_unknown_addresses_are_told_in_the_look(visitor: Visitor) -> None:
    page = await visitor.get("/no/such/room", 404)
    assert "There is nothing here" in page.text
    assert "wattline.css" in page.source


async def test_a_fault_of_ours_shows_a_number_and_no_trace(
    visitor: Visitor, database: Database, portal: Litestar
) -> None:
    async with database.begin() as tx:
        await as_owner(tx)
        await tx.execute("drop table power_step")
    page = await visitor.get("/charge-points", 500)
    assert "Something broke on our side" in page.text
    assert "power_step" not in page.source
    assert page.all(r"give this number: <span class=\"id\">([0-9a-f]{8})</span>")
