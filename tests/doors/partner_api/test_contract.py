"""Held field by field against the contract that partners' programs were written for.

contract.json says what they rely on, in words of our own: `integer!` is required, `string?` may be null, `[X]` is a
list, `one of a b` are the values there are, a capital letter is a shape with fields.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.doors.partner_api.description import PREFIX, compiled, components, description, kind_of
from tests.doors.partner_api.story import Program, Stage
from wattline.partner_api.app import ROUTES

CONTRACT: dict[str, Any] = msgspec.json.decode(Path(__file__).with_name("contract.json").read_bytes())

# Prices are null until there are prices, though the contract has a number here.
NULL_FOR_NOW = {("Charge", "priceGroupId")}

# Kinds of team and places of payment that the contract's own descriptions name, and its lists of values leave out.
OUR_VALUES = {"personal", "team"}

# We say `null` or a list of choices where the contract says less.
OUR_NAMES = {"WebhookConfig": "SetWebhook"}


@pytest.mark.parametrize("name", CONTRACT["operations"])
def test_the_operation_is_there_as_the_contract_has_it(name: str) -> None:
    wanted = CONTRACT["operations"][name]
    method, path = name.split()
    operation = description()["paths"][PREFIX + path][method.lower()]
    assert operation["operationId"] == wanted["operationId"]
    assert operation["x-scopes"] == wanted["scopes"]
    assert next(iter(operation["responses"])) == str(wanted["success"])
    filters = {one["name"]: one for one in operation["parameters"] if one["in"] == "query"}
    for filter_name, kind in wanted["query"].items():
        assert filters[filter_name]["required"] == kind.endswith("!")
        assert fits(kind_of(filters[filter_name]["schema"])[0], kind.strip("!?"), sent=True), filter_name


@pytest.mark.parametrize("name", CONTRACT["operations"])
def test_the_answer_has_the_shape_of_the_contract(name: str) -> None:
    wanted = CONTRACT["operations"][name]["answer"]
    method, path = name.split()
    success = next(iter(description()["paths"][PREFIX + path][method.lower()]["responses"].values()))
    if wanted is None:
        assert "content" not in success
        return
    kind, _ = kind_of(success["content"]["application/json"]["schema"])
    if wanted.startswith("Page "):
        kind = "Page " + kind_of(components()[kind]["properties"]["data"])[0].strip("[]")
    assert fits(kind, wanted, sent=False)


@pytest.mark.parametrize("name", CONTRACT["shapes"])
def test_the_shape_has_every_field_of_the_contract(name: str) -> None:
    sent = name in bodies()
    ours = components()[OUR_NAMES.get(name, name) if sent else name]
    differences = list(differing(name, CONTRACT["shapes"][name], ours, sent=sent))
    assert differences == []


def test_no_body_asks_for_more_than_the_contract() -> None:
    for name in bodies():
        wanted = {field for field, kind in CONTRACT["shapes"][name].items() if kind.endswith("!")}
        assert set(components()[OUR_NAMES.get(name, name)].get("required", ())) == wanted, name


def differing(name: str, wanted: Mapping[str, str], ours: Mapping[str, Any], *, sent: bool) -> Iterator[str]:
    """Say which fields differ, and how."""
    for field, kind in wanted.items():
        if field not in ours["properties"]:
            yield f"{field} is missing"
            continue
        has, null = kind_of(ours["properties"][field])
        if not fits(has, kind.strip("!?"), sent=sent):
            yield f"{field} is {has}, not {kind}"
        if not sent and null and "?" not in kind and (name, field) not in NULL_FOR_NOW:
            yield f"{field} may be null"
        if sent and not null and "?" in kind:
            yield f"{field} must take null"


def fits(ours: str, wanted: str, *, sent: bool) -> bool:
    """Tell whether our kind of field does where the contract has this one.

    What programs send, we take at least; what we answer, programs know.
    """
    if ours == wanted or "json" in (wanted, wanted.strip("[]")) or ours == OUR_NAMES.get(wanted):
        return True
    if sent and wanted in ours.split(" or "):
        return True
    if wanted.startswith("["):
        return ours.startswith("[") and fits(ours.strip("[]"), wanted.strip("[]"), sent=sent)
    if ours.startswith("one of") and wanted.startswith("one of"):
        has, known = set(ours.split()), set(wanted.split())
        return known <= has if sent else has <= known | OUR_VALUES
    return (ours, wanted) in {("integer", "number"), ("string", wanted if wanted.startswith("one of") else "")}


def bodies() -> set[str]:
    """Name the shapes that programs send, and those inside of them that are only sent."""
    whole = {one["body"] for one in CONTRACT["operations"].values() if one["body"] in CONTRACT["shapes"]}
    inside = {kind.strip("[]!?") for name in whole for kind in CONTRACT["shapes"][name].values()}
    deeper = {
        kind.strip("[]!?") for name in inside & set(CONTRACT["shapes"]) for kind in CONTRACT["shapes"][name].values()
    }
    return whole | {name for name in inside | deeper if name.startswith("Create")}


async def test_the_description_is_served_to_everybody(stage: Stage, partner: Program) -> None:
    answer = await partner.http.get("/openapi.json", headers={"authorization": ""})
    assert answer.status_code == 200
    served = answer.json()
    assert served["openapi"] == "3.1.0"
    assert served["components"] == description()["components"]
    assert len([1 for path in served["paths"].values() for _ in path]) == len(ROUTES)


def test_every_operation_says_what_it_is_for_which_scope_it_needs_and_how_it_fails() -> None:
    for path in description()["paths"].values():
        for operation in path.values():
            assert operation["summary"]
            for scope in operation["x-scopes"]:
                assert f"`{scope}`" in operation["description"]
            assert {"400", "401", "404", "429"} <= operation["responses"].keys()
            assert ("403" in operation["responses"]) == bool(operation["x-scopes"])


def test_every_example_is_an_example_of_its_schema() -> None:
    for path in description()["paths"].values():
        for operation in path.values():
            parts = [operation.get("requestBody", {}), *operation["responses"].values()]
            for content in (part["content"]["application/json"] for part in parts if "content" in part):
                compiled(content["schema"]).validate(content["example"])


async def test_the_page_for_people_shows_every_operation_and_loads_nothing_from_elsewhere(
    stage: Stage, partner: Program
) -> None:
    answer = await partner.http.get("http://wattline.test/api/docs", headers={"authorization": ""})
    assert answer.status_code == 200
    for route in ROUTES:
        assert f'id="{route.operation_id}"' in answer.text
    assert "https://" not in answer.text.replace("https://charge.example", "").replace("https://partner.example", "")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
