"""Charge points as files: saved as the list is filtered, and read with a word about every row before it is done."""

import csv
import io
from pathlib import Path

import pytest
from xlsxwriter import Workbook

from tests.doors.portal_door import Clock, Page, Visitor
from tests.doors.portal_story import Network, give_away
from tests.doors.test_portal_fleet import rows_of, work
from wattline.database.connection import Database
from wattline.domain.refusals import Invalid
from wattline.operations.secrets import box_password_hmac
from wattline.portal.fleet_import import read

SHEET = Path("sheet.xlsx")


def workbook(directory: Path, rows: list[list[object]], *, far: bool = False) -> bytes:
    """Make a workbook; `far` puts one cell into its last corner."""
    book = Workbook(directory / SHEET, {"strings_to_formulas": False})
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row)
    if far:
        sheet.write_string(1_048_575, 16_383, "far")
    book.close()
    return (directory / SHEET).read_bytes()


async def send(visitor: Visitor, content: str | bytes) -> str:
    """Upload a file and return the address of what it would do."""
    await visitor.get("/charge-points/import")
    sent = content.encode() if isinstance(content, str) else content
    return (await visitor.upload("/charge-points/import", {}, sent, 303)).headers["location"]


async def apply(visitor: Visitor, database: Database, clock: Clock, address: str) -> Page:
    """Apply a file, let the worker do it, and look at what came of it."""
    await visitor.get(address)
    await visitor.submit(f"{address}/apply", {}, 303)
    await work(database, clock)
    return await visitor.get(address)


async def test_a_file_says_what_it_would_do_and_then_does_it(
    visitor: Visitor, network: Network, database: Database, clock: Clock
) -> None:
    kept = network.connectors["KOL-0001", 1]
    address = await send(
        visitor,
        "id;name;identity;connector;site;max_kw;active;colour\r\n"
        f"{kept};Kolding Front;;;Odense Havn;150;;red\r\n"
        ";Bay 9;NEW-0001;1;Odense Havn;22;yes;\r\n"
        ";Bay 9 · 2;NEW-0001;2;Odense Havn;22;yes;\r\n"
        f"{network.connectors['KOL-0002', 1]};;;;;;;\r\n",
    )
    page = await visitor.get(address)
    assert "Nothing has been changed yet" in page.text
    assert "2 new, 1 changed, 1 as they are already, 0 left out" in page.text
    assert "Nobody read these columns: colour" in page.text
    assert "site: Kolding Syd E45 → Odense Havn" in page.text
    async with database.read() as connection:
        assert await connection.fetchval("select count(*) from charge_point where identity = 'NEW-0001'") == 0

    page = await apply(visitor, database, clock, address)
    assert "4 of 4 done, 4 worked" in page.text
    async with database.read() as connection:
        row = await connection.fetchrow("select name, site_id, max_power_w from connector where id = $1", kept)
        made = await connection.fetch(
            """select k.name, k.number, k.max_power_w from connector k join charge_point b on b.id = k.charge_point_id
               where b.identity = 'NEW-0001' order by k.number"""
        )
    assert row is not None
    assert tuple(row) == ("Kolding Front", network.sites["Odense Havn"], 150_000)
    assert [tuple(each) for each in made] == [("Bay 9", 1, 22_000), ("Bay 9 · 2", 2, 22_000)]


async def test_new_passwords_are_handed_out_once_and_open_the_door(
    visitor: Visitor, network: Network, database: Database, clock: Clock
) -> None:
    address = await send(visitor, "name,identity\nBay 9,NEW-0001\n")
    page = await apply(visitor, database, clock, address)
    assert "Fetch 1 password" in page.text
    told = await visitor.submit(f"{address}/passwords", {})
    (_, (name, identity, password)) = list(csv.reader(io.StringIO(told.source.lstrip("\ufeff"))))
    async with database.read() as connection:
        kept = await connection.fetchval("select password_hmac from charge_point where identity = 'NEW-0001'")
    assert (name, identity) == ("Bay 9", "NEW-0001")
    assert kept == box_password_hmac(password.encode(), b"pepper of the tests")
    await visitor.get(address)
    again = await visitor.submit(f"{address}/passwords", {})
    assert password not in again.source
    assert "Fetch" not in (await visitor.get(address)).text


async def test_a_worker_that_dies_makes_nothing_twice(
    visitor: Visitor, network: Network, database: Database, clock: Clock
) -> None:
    address = await send(visitor, "name,identity\nBay 9,NEW-0001\nBay 10,\n")
    await apply(visitor, database, clock, address)
    async with database.begin() as tx:
        await tx.execute("update fleet_order set state = 'running', due_at = $1", clock.now)
    await work(database, clock)
    async with database.read() as connection:
        assert await connection.fetchval("select count(*) from connector where name in ('Bay 9', 'Bay 10')") == 2


async def test_every_row_that_cannot_be_meant_says_why(
    visitor: Visitor, network: Network, database: Database, clock: Clock
) -> None:
    await give_away(database, network, "KOL-0006")
    theirs = network.connectors["KOL-0006", 1]
    address = await send(
        visitor,
        "id,name,identity,site,types,max_kw,active\n"
        "=cmd|' /C calc'!A0,x,,,,,\n"
        ",=1+1,,,,,\n"
        f"{theirs},Mine now,,,,,\n"
        ",x,KOL-0006,,,,\n"
        ",x,DOUBLE,,,,\n"
        ",y, double ,,,,\n"
        ",x,,Flensburg,,,\n"
        ",x,,,Schuko,,\n"
        ",x,,,,much,\n"
        ",x,,,,,perhaps\n"
        f",{'x' * 200},,,,,\n",
    )
    page = await visitor.get(address)
    rows = rows_of(page)
    for line, words in [
        (2, "begins like a formula"), (3, "begins like a formula"), (4, "is no charge point of yours"),
        (5, "is in use by another team"), (7, "stands in line 6 already"), (8, "“Flensburg” is none of yours"),
        (9, "is no kind of plug"), (10, "is no number"), (11, "must be yes or no"), (12, "is longer than 120"),
    ]:  # fmt: skip
        (said,) = [row for row in rows if row.startswith(f"{line} ")]
        assert words in said, said
    assert "1 new, 0 changed, 0 as they are already, 10 left out" in page.text


async def test_a_file_that_is_no_use_as_a_whole_is_refused_in_words(visitor: Visitor, tmp_path: Path) -> None:
    await visitor.get("/charge-points/import")
    for content, words in [
        (b"", "is empty"),
        ("name\nBålplads".encode("latin-1"), "is not UTF-8 (line 2)"),
        (b"colour\nred", "has no column called id, identity or name"),
        (b"name,name\na,b", "has two columns called name"),
        (b"PK\x03\x04 but no workbook", "is no workbook that can be read"),
        (b"name\n" + b"Bay\n" * 100_000, "has more than 20,000 rows"),
        (b"name\n", "has no rows below its first line"),
    ]:
        page = await visitor.upload("/charge-points/import", {}, content, 400)
        assert words in page.text, words


def test_a_workbook_is_read_no_further_than_asked(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["id", "name", "max_kw", "active"],
        [7, "'-3 floor", 22.5, True],
        [8, "=cmd", 11, False],
    ]
    found = read(workbook(tmp_path, rows, far=True))
    (row,) = found.rows
    assert (row.connector_id, row.name, row.max_power_w, row.active) == (7, "-3 floor", 22_500, True)
    assert [problem.line for problem in found.problems] == [3]
    long: list[list[object]] = [["Bay"]] * 20_001
    with pytest.raises(Invalid, match="more than 20,000 rows"):
        read(workbook(tmp_path, [["name"], *long]))


async def test_what_is_saved_can_be_read_again(visitor: Visitor, network: Network, database: Database) -> None:
    async with database.begin() as tx:
        await tx.execute("update connector set name = '=1+1' where id = $1", network.connectors["KOL-0001", 1])
    saved = await visitor.get("/charge-points.csv?q=KOL")
    assert "'=1+1" in saved.source
    assert len(saved.source.splitlines()) == 1 + 12
    page = await visitor.get(await send(visitor, saved.source))
    assert "0 new, 0 changed, 12 as they are already, 0 left out" in page.text
    answer = await visitor.http.get("/charge-points.xlsx?q=KOL")
    page = await visitor.get(await send(visitor, answer.content))
    # What a workbook says is text stays text there; whoever sends it back is asked whether a formula was meant.
    assert "0 new, 0 changed, 11 as they are already, 1 left out" in page.text


async def test_a_colleagues_passwords_and_drafts_are_not_ones_own(
    visitor: Visitor, network: Network, database: Database, clock: Clock
) -> None:
    address = await send(visitor, "name,identity\nBay 9,NEW-0001\n")
    await apply(visitor, database, clock, address)
    async with database.begin() as tx:
        await tx.execute("update fleet_order set user_id = null")
    await visitor.get(address)
    await visitor.submit(f"{address}/passwords", {}, 404)
