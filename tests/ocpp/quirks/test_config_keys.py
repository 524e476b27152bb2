"""Configuration keys as charge points spell them."""

import pytest

from wattline.ocpp.quirks.config_keys import charging_rate_units, find_key, read_list


def test_c5_a_key_is_found_in_any_case() -> None:
    assert find_key(["heartbeatinterval", " MeterValueSampleInterval "], "HeartbeatInterval") == "heartbeatinterval"
    assert find_key(["Other"], "HeartbeatInterval") is None


@pytest.mark.parametrize("value", ["A,B", "A, B", '"A,B"', '"A" , "B"', "[A,B]", "A;B", ",A,,B,", "'A','B'"])
def test_c5_quoted_and_spaced_lists_are_read(value: str) -> None:
    assert read_list(value) == ("A", "B")


@pytest.mark.parametrize(
    ("value", "units"),
    [
        ("Current", {"A"}),
        ("Power", {"W"}),
        ("W", {"W"}),
        ("Current,Power", {"A", "W"}),
        ('"current, power"', {"A", "W"}),
        ("", set()),
        ("Horses", set()),
    ],
)
def test_c5_the_units_of_limits_are_read_in_every_spelling(value: str, units: set[str]) -> None:
    assert charging_rate_units(value) == units
