"""The files browsers load: what we took from others is what the manifest says, and it is sent fast and for long."""

import gzip
from typing import Any

import httpx
import pytest

from tests.doors.portal_door import Visitor
from wattline.web import assets, vendor


def test_every_vendored_file_is_the_one_in_the_manifest() -> None:
    listed = {vendor.HERE / file["to"]: file["sha256"] for package in vendor.manifest() for file in package["files"]}
    found = {path: vendor.sha256(path) for path in (vendor.STATIC / "vendor").rglob("*") if path.is_file()}
    assert found == listed


def test_every_package_names_its_licence_and_whose_it_is() -> None:
    licences = {package["name"]: package["licence"] for package in vendor.manifest()}
    assert set(licences.values()) <= {"MIT", "OFL-1.1", "0BSD"}
    assert all(package["copyright"] and package["version"] for package in vendor.manifest())


def test_every_address_a_style_sheet_names_exists() -> None:
    for name in ("wattline.css", "portal.css"):
        text = (vendor.STATIC / name).read_text()
        named = {part.split(")")[0].strip("\"'") for part in text.split("url(")[1:]}
        assert {
            each for each in named if not each.startswith(("#", "data:")) and not (vendor.STATIC / each).exists()
        } == set()


def test_an_icon_is_inlined_without_what_it_does_not_need() -> None:
    drawn = assets.icon("check")
    assert drawn.startswith('<svg class="i"')
    assert 'aria-hidden="true"' in drawn
    assert "M0 0h24v24H0z" not in drawn


async def test_files_are_kept_for_a_year_under_an_address_that_changes_with_them(stranger: Visitor) -> None:
    answer = await stranger.http.get(assets.address("wattline.css"), headers={"accept-encoding": "identity"})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.content == (vendor.STATIC / "wattline.css").read_bytes()
    stale = await stranger.http.get("/static/0123456789ab/wattline.css")
    assert stale.headers["cache-control"] == "no-cache"


async def test_text_goes_over_the_wire_compressed(portal: Any) -> None:
    transport = httpx.ASGITransport(app=portal)
    async with httpx.AsyncClient(transport=transport, base_url="http://wattline.test") as http:
        request = http.build_request("GET", assets.address("vendor/tabler.min.css"))
        answer = await http.send(request, stream=True)
        raw = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == "gzip"
    assert len(raw) < 100_000
    assert gzip.decompress(raw) == (vendor.STATIC / "vendor" / "tabler.min.css").read_bytes()


@pytest.mark.parametrize(
    "path", ["../assets.py", "..%2fassets.py", "/etc/passwd", "vendor/../../vendor.json", "nothing.css"]
)
async def test_nothing_else_can_be_asked_for(stranger: Visitor, path: str) -> None:
    answer = await stranger.http.get(f"/static/{assets.edition()}/{path}")
    assert answer.status_code in {303, 404}
    assert b"root:" not in answer.content
