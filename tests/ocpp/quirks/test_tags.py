"""Charge keys as charge points spell them."""

import pytest

from wattline.ocpp.quirks import Quirks, quirks_for
from wattline.ocpp.quirks.tags import read_tag

KEBA = quirks_for("Keba AG", "KC-P30", None)


def test_f9_the_serial_that_keba_adds_is_cut_off() -> None:
    assert read_tag("12345678_23518692", KEBA) == "12345678"
    assert read_tag("12345678", KEBA) == "12345678"


def test_f9_others_may_have_an_underscore_in_a_tag() -> None:
    assert read_tag("AB_CD", Quirks()) == "AB_CD"


def test_f9_a_tag_that_is_only_an_addition_is_kept() -> None:
    assert read_tag("_23518692", KEBA) == "_23518692"


@pytest.mark.parametrize("spelling", [" F6 CA 12 34", "f6ca1234", "F6:CA:12:34", "F6-CA-12-34 "])
def test_f10_blanks_case_and_separators_make_no_other_key(spelling: str) -> None:
    assert read_tag(spelling, Quirks()) == read_tag("F6CA1234", Quirks())


def test_f10_a_vehicle_stays_a_vehicle() -> None:
    assert read_tag("VID:2069C021AABB", Quirks()) == read_tag("vid:20:69:C0:21:AA:BB", Quirks())
    assert read_tag("VID:2069C021AABB", Quirks()) != read_tag("2069C021AABB", Quirks())
