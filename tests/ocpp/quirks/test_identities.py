"""Addresses charge points call, and the names in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattline.ocpp.quirks.identities import CANDIDATES_MAX, identity_candidates, mend_mojibake


@pytest.mark.parametrize(
    ("target", "meant"),
    [
        ("/ocpp/CP1", "CP1"),
        ("/OCPP/CP1", "CP1"),
        ("/ocpp/CP1/", "CP1"),
        ("///charger", "charger"),
        ("/ocpp//charger//", "charger"),
        ("/4/CBI-1234", "CBI-1234"),
        ("ws://host:8410/ocpp/CP1", "CP1"),
        ("/ws://host:9000/CP_1", "CP_1"),
        ("/wss:/host/ocpp/CP1", "CP1"),
        ("/ocpp/CP1?token=x", "CP1"),
        ("/CP1", "CP1"),
    ],
)
def test_h4_odd_slashes_and_parts_around_the_name(target: str, meant: str) -> None:
    assert identity_candidates(target)[0] == meant


def test_h4_any_of_several_parts_may_be_the_name() -> None:
    assert identity_candidates("/ws://host:9000/CP_1/SERIAL")[:3] == ("SERIAL", "CP_1/SERIAL", "CP_1")


@pytest.mark.parametrize("target", ["", "/", "/ocpp", "/ocpp/", "///", "/ocpp/%20", "ws://host:8410", "/ocpp/%00"])
def test_h4_an_empty_name_is_nobody(target: str) -> None:
    assert identity_candidates(target) == ()


@pytest.mark.parametrize(
    ("target", "meant"),
    [
        ("/ocpp/CP%201", "CP 1"),
        ("/ocpp/My%2FBox", "My/Box"),
        ("/ocpp/20:69:C0:21:AA:BB", "20:69:C0:21:AA:BB"),
        ("/ocpp/20%3A69%3AC0", "20:69:C0"),
        ("/ocpp/CP%231", "CP#1"),
        ("/ocpp/CP#1", "CP#1"),
        ("/ocpp/%C3%86BLE", "ÆBLE"),
        ("/ocpp/%C6BLE", "ÆBLE"),
        ("/ocpp/CP%C2%A01", "CP 1"),
        ("/ocpp/ＣＰ１", "CP1"),
    ],
)
def test_h5_encoded_and_special_characters_in_the_name(target: str, meant: str) -> None:
    assert identity_candidates(target)[0] == meant


def test_h5_other_readings_come_after_the_likeliest() -> None:
    assert "CP 1" in identity_candidates("/ocpp/CP%25201")
    assert "CP°1" in identity_candidates("/ocpp/CP%C3%82%C2%B01")
    assert "CP1" in identity_candidates("/ocpp/CP%C3%821")


def test_h5_mojibake_is_undone_and_nothing_else() -> None:
    assert mend_mojibake("Â°") == "°"
    assert mend_mojibake("Ærø") == "Ærø"
    assert mend_mojibake("CP1") == "CP1"
    assert mend_mojibake("☃") == "☃"


def test_a_name_that_is_no_name_is_left_out() -> None:
    assert identity_candidates("/ocpp/" + "x" * 256) == ()
    assert identity_candidates("/" * 5000 + "CP1") == ()
    assert len(identity_candidates("/" + "/".join(f"part{number}%25" for number in range(50)))) == CANDIDATES_MAX


@given(st.text())
def test_any_target_is_read_without_an_error(target: str) -> None:
    for candidate in identity_candidates(target):
        assert candidate.strip() == candidate != ""
        assert "\x00" not in candidate
