"""The Settings tab of an operator: company data for receipts, a logo and a colour around every page."""

from tests.domain.test_company import png
from tests.doors.portal_door import HOST, Visitor
from tests.doors.portal_story import Network
from wattline.database.connection import Database

COMPANY = {
    "company_name": "Havnelys A/S", "vat_number": "DK 12 34 56 78", "ean_number": "4006381333931",
    "purchase_order": "PO 7", "support_email": "help@havnelys.example",
}  # fmt: skip


async def test_company_data_are_kept_and_shown_again(visitor: Visitor, network: Network) -> None:
    room = f"/operators/{network.operator_id}/settings"
    await visitor.get(room)
    await visitor.submit(room, COMPANY, 303)
    page = await visitor.get(room)
    for value in ("Havnelys A/S", "DK12345678", "4006381333931", "PO 7", "help@havnelys.example"):
        assert f'value="{value}"' in page.source, value


async def test_a_wrong_vat_number_is_refused_under_its_field(visitor: Visitor, network: Network) -> None:
    room = f"/operators/{network.operator_id}/settings"
    await visitor.get(room)
    page = await visitor.submit(room, COMPANY | {"vat_number": "DK1"}, 400)
    assert "VAT number is none of DK." in page.text


async def test_a_logo_and_a_colour_stand_around_every_page(visitor: Visitor, network: Network) -> None:
    room = f"/operators/{network.operator_id}"
    form = await visitor.get(f"{room}/settings")
    sent = await visitor.http.post(
        f"{room}/theme", data={"csrf": form.csrf, "colour": "#16704a"}, headers={"origin": f"http://{HOST}"},
        files={"logo": ("logo.png", png(40, 20), "image/png")},
    )  # fmt: skip
    assert sent.status_code == 303
    page = await visitor.get("/charges")
    (name,) = page.all(r'class="own-logo" src="/brand/([0-9a-f]+)"')
    assert 'href="/brand/16704a.css"' in page.source
    picture = await visitor.http.get(f"/brand/{name}")
    assert (picture.headers["content-type"], picture.content) == ("image/png", png(40, 20))
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert "#16704a" in (await visitor.http.get("/brand/16704a.css")).text
    await visitor.submit(f"{room}/theme", {"drop_logo": "yes"}, 303)
    assert "own-logo" not in (await visitor.get("/charges")).source


async def test_a_program_for_a_logo_and_a_pale_colour_are_refused(visitor: Visitor, network: Network) -> None:
    room = f"/operators/{network.operator_id}"
    form = await visitor.get(f"{room}/settings")
    sent = await visitor.http.post(
        f"{room}/theme", data={"csrf": form.csrf}, headers={"origin": f"http://{HOST}"},
        files={"logo": ("logo.png", b"<svg onload='x'/>", "image/png")},
    )  # fmt: skip
    assert sent.status_code == 400
    assert "SVG, which can hold programs" in sent.text
    assert "is too light" in (await visitor.submit(f"{room}/theme", {"colour": "#ffee00"}, 400)).text


async def test_another_operators_settings_are_unknown(visitor: Visitor, database: Database, network: Network) -> None:
    async with database.begin() as tx:
        theirs = await tx.fetchval(
            "insert into operator (name, identifier, created_at) values ('Elsewhere', 'ELSE', $1) returning id",
            network.now,
        )
    await visitor.get(f"/operators/{theirs}/settings", 404)
    await visitor.get(f"/operators/{network.operator_id}/settings")
    await visitor.submit(f"/operators/{theirs}/settings", COMPANY, 404)
    await visitor.submit(f"/operators/{theirs}/theme", {}, 404)
    await visitor.get("/brand/nothing", 404)
