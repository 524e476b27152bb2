"""Why did my charge fail? The pages of a charge and of a charge point say it, or that nothing is wrong."""

from datetime import timedelta

from tests.doors.portal_door import Visitor
from tests.doors.portal_story import NOW, Network, give_away
from wattline.database.connection import Database


async def test_the_page_of_a_charge_names_the_cause_its_evidence_and_the_next_step(
    visitor: Visitor, network: Network
) -> None:
    charge = network.charges["cut short"]
    assert f'href="/charges/{charge}/why"' in (await visitor.get(f"/charges/{charge}")).source
    page = await visitor.get(f"/charges/{charge}/why")
    for words in (
        "The car stopped taking energy at 78 %", "13:37:14 StatusNotification SuspendedEV", "What you can do:",
        "What we looked at",
    ):  # fmt: skip
        assert words in page.text, words


async def test_a_start_that_came_to_nothing_has_the_list_of_what_to_look_at(visitor: Visitor, network: Network) -> None:
    page = await visitor.get(f"/charges/{network.charges['failed']}/why")
    for words in (
        "It never started", "If a charge does not start", "Yes. The charge point is in contact.",
        "No. The cable is in, at both ends, until it clicks.", "Yes. Somebody waited long enough",
    ):  # fmt: skip
        assert words in page.text, words


async def test_where_nothing_is_wrong_the_page_says_so_and_what_it_looked_at(
    visitor: Visitor, network: Network, database: Database
) -> None:
    charge = network.charges["cut short"]
    async with database.begin() as tx:
        await tx.execute(
            "update charge set stop_reason = 'StoppedByUser', raw_state = 'charging' where id = $1", charge
        )
        await tx.execute("delete from charge_move where charge_id = $1 and cause = 'PausedByCar'", charge)
        await tx.execute("delete from reading where charge_id = $1", charge)
    page = await visitor.get(f"/charges/{charge}/why")
    assert "Nothing wrong found" in page.text
    assert "That does not prove that all was well" in page.text


async def test_a_charge_point_without_contact_says_what_to_do(visitor: Visitor, network: Network) -> None:
    page = await visitor.get(f"/charge-points/{network.boxes['ODE-0001']}/why")
    for words in ("The charge point is disconnected", "give it 5 minutes", "No. The charge point is in contact."):
        assert words in page.text, words


async def test_a_key_that_was_refused_is_found_at_the_charge_point(
    visitor: Visitor, network: Network, database: Database
) -> None:
    box = network.boxes["KOL-0005"]
    async with database.begin() as tx:
        await tx.execute(
            """insert into log_line (operator_id, charge_point_id, connector_number, at, kind, detail)
               values ($1, $2, 1, $3, 'StartTransaction', $4)""",
            network.operator_id, box, NOW - timedelta(minutes=3), {"idTag": "04A1B2C3D4E5F6", "status": "Invalid"},
        )  # fmt: skip
    page = await visitor.get(f"/charge-points/{box}/why")
    assert "A charge key was not accepted: nobody here knows it" in page.text
    assert "··E5F6" in page.text
    assert "04A1B2C3D4E5F6" not in page.source


async def test_a_start_that_is_refused_leads_to_the_reasons(visitor: Visitor, network: Network) -> None:
    box = network.boxes["KOL-0005"]
    await visitor.get(f"/charge-points/{box}")
    outcome = await visitor.do(f"/charge-points/{box}/start", {"connector": "1"})
    assert f'href="/charge-points/{box}/why"' in outcome.source


async def test_who_only_pays_reads_no_log_of_a_foreign_charge_point(
    visitor: Visitor, network: Network, database: Database
) -> None:
    charge = network.charges["KOL-0004/1"]
    await give_away(database, network, "KOL-0004")
    await visitor.get(f"/charges/{charge}/why", 404)
    async with database.begin() as tx:
        await tx.execute(
            "update charge set paying_operator_id = $2, paying_team_id = $3 where id = $1",
            charge, network.operator_id, network.team_id,
        )  # fmt: skip
    page = await visitor.get(f"/charges/{charge}/why")
    assert "its log is for its owner" in page.text
