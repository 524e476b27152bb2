"""Charge keys: what people may add, what boxes read, and who may charge where."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wattline.domain.charge_key import (
    Key,
    KeyStatus,
    Place,
    identifier_key,
    is_same_tag,
    lookup_keys,
    may_charge,
    must_be_valid,
    normalise,
)
from wattline.domain.refusals import Invalid

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY = Key(
    operator_id=1, team_id=10, own_network=True, operator_network=True, active_until=None, blocked_at=None,
    team_stopped=False,
)  # fmt: skip
AT_HOME = Place(1, 10, public=False)
NEXT_DOOR = Place(1, 11, public=False)
ABROAD = Place(2, 20, public=True)
ABROAD_BEHIND_A_GATE = Place(2, 20, public=False)


@pytest.mark.parametrize("identifier", ["04BE7C40", "04be7c4004be7c", "04 BE 7C 40 04 BE 7C 40 04 BE", "04:BE:7C:40"])
def test_people_may_add_keys_of_8_14_or_20_hex_characters(identifier: str) -> None:
    must_be_valid(identifier, "rfid")


@pytest.mark.parametrize(
    ("identifier", "complaint"),
    [
        ("04BE7C4", r"must have 8, 14, 20 hexadecimal characters; this one is “04BE7C4” \(7\)"),
        ("04BE7C4004BE7C40", "must have 8, 14, 20"),
        ("WALLBOX1", "must have 8, 14, 20"),
        ("  ", "must not be empty"),
        ("VID:04BE7C40", "without the prefix VID:"),
    ],
)
def test_other_identifiers_are_refused_with_what_is_wrong(identifier: str, complaint: str) -> None:
    with pytest.raises(Invalid, match=complaint) as refused:
        must_be_valid(identifier, "rfid")
    assert refused.value.field == "identifier"


def test_the_allowed_lengths_are_a_setting_and_bind_no_vehicle() -> None:
    must_be_valid("04BE7C4004BE7C40", "rfid", lengths=frozenset({16}))
    must_be_valid("20:69:C0:21:AA:BB", "vehicleId")


def test_f10_case_spaces_and_separators_make_no_difference() -> None:
    assert normalise(" f6 ca") == "F6CA"
    assert normalise("20:69:c0:21") == "2069C021"
    assert normalise("vid:20:69:c0:21") == "VID:2069C021"
    assert identifier_key("20-69-c0-21", "vehicleId") == "VID:2069C021"
    assert identifier_key("04be7c40", "rfid") == "04BE7C40"


def test_f9_a_tag_is_found_though_the_box_added_its_serial() -> None:
    assert lookup_keys("12345678_serial") == ("12345678_SERIAL", "VID:12345678_SERIAL", "12345678")
    assert lookup_keys("VID:2069C021") == ("VID:2069C021",)
    assert lookup_keys("") == ()
    assert lookup_keys("_") == ("_", "VID:_")


def test_f9_a_box_means_the_tag_we_gave_it_in_whatever_case() -> None:
    asked = "A1B2C3D4E5F6A1B2C3D4"
    assert is_same_tag(asked.lower(), asked)
    assert is_same_tag(f" {asked}_slave2", asked)
    assert not is_same_tag(asked[:19], asked)
    assert not is_same_tag("", asked)


@pytest.mark.parametrize(
    ("key", "place", "expected"),
    [
        (None, AT_HOME, KeyStatus.INVALID),
        (KEY, AT_HOME, KeyStatus.ACCEPTED),
        (KEY, NEXT_DOOR, KeyStatus.ACCEPTED),
        (KEY, ABROAD, KeyStatus.ACCEPTED),
        (KEY, ABROAD_BEHIND_A_GATE, KeyStatus.INVALID),
        (replace(KEY, blocked_at=NOW), AT_HOME, KeyStatus.BLOCKED),
        (replace(KEY, team_stopped=True), AT_HOME, KeyStatus.BLOCKED),
        (replace(KEY, active_until=NOW), AT_HOME, KeyStatus.EXPIRED),
        (replace(KEY, active_until=NOW + timedelta(seconds=1)), AT_HOME, KeyStatus.ACCEPTED),
        (replace(KEY, operator_network=False), AT_HOME, KeyStatus.ACCEPTED),
        (replace(KEY, operator_network=False), NEXT_DOOR, KeyStatus.INVALID),
        (replace(KEY, own_network=False), AT_HOME, KeyStatus.INVALID),
        (replace(KEY, own_network=False), ABROAD, KeyStatus.INVALID),
    ],
)
def test_who_may_charge_where(key: Key | None, place: Place, expected: KeyStatus) -> None:
    assert may_charge(key, place, now=NOW) is expected


def test_a_key_narrowed_to_countries_charges_there_and_where_no_country_is_known_nowhere() -> None:
    danish = replace(KEY, country_ids=frozenset({45}))
    assert may_charge(danish, replace(AT_HOME, country_id=45), now=NOW) is KeyStatus.ACCEPTED
    assert may_charge(danish, replace(AT_HOME, country_id=49), now=NOW) is KeyStatus.INVALID
    assert may_charge(danish, AT_HOME, now=NOW) is KeyStatus.INVALID


def test_a_key_narrowed_to_operators_charges_at_those_only_also_in_public() -> None:
    narrowed = replace(KEY, operator_ids=frozenset({1}))
    assert may_charge(narrowed, AT_HOME, now=NOW) is KeyStatus.ACCEPTED
    assert may_charge(narrowed, NEXT_DOOR, now=NOW) is KeyStatus.ACCEPTED
    assert may_charge(narrowed, ABROAD, now=NOW) is KeyStatus.INVALID
    assert may_charge(replace(KEY, operator_ids=frozenset({2})), ABROAD, now=NOW) is KeyStatus.ACCEPTED
