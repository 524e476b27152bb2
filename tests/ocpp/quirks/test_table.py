"""Vendors differ, as rows of a table."""

from dataclasses import fields, replace

import pytest

from wattline.ocpp.quirks import Quirks, quirks_for
from wattline.ocpp.quirks.table import FEW_MEASURANDS, ROWS, is_newer, version_numbers


def test_an_unknown_make_keeps_to_ocpp() -> None:
    assert quirks_for("VendorX", "Single", "1.0") == Quirks()
    assert quirks_for(None, None, None) == Quirks()


def test_every_row_changes_something_that_exists_and_names_its_source() -> None:
    names = {field.name for field in fields(Quirks)}
    for row in ROWS:
        assert set(row.changes) <= names
        assert row.source
        changed = replace(Quirks(), **row.changes)
        for name in row.changes:
            assert getattr(changed, name) != getattr(Quirks(), name)
            assert type(getattr(changed, name)) is type(getattr(Quirks(), name)) or getattr(Quirks(), name) is None


def test_b3_wallbox_wants_to_be_left_alone_after_its_boot() -> None:
    quirks = quirks_for("Wall Box Chargers", "PLP2-M-2-4", "6.6.12")
    assert quirks.settle_delay_s >= 10
    assert quirks.call_spacing_s >= 1


@pytest.mark.parametrize(
    ("firmware", "limited"),
    [("TAC3Z9119006710273::V1.8.21", True), ("V1.6.6", True), ("TAC::V1.8.32", False), ("", True)],
)
def test_b4_abb_terra_ac_is_not_asked_for_all_measurands(firmware: str, limited: bool) -> None:
    quirks = quirks_for("ABB", "CDT_TACW22::NET_WIFI", firmware)
    assert (quirks.measurands == FEW_MEASURANDS) is limited
    assert quirks_for("ABB", "Terra 54", firmware).measurands is None


def test_b5_mennekes_may_take_a_minute_to_answer() -> None:
    assert quirks_for("MENNEKES", "AMTRON", None).answer_timeout_s == 60


def test_h10_some_are_dropped_because_they_never_redial_after_a_goodbye() -> None:
    assert quirks_for("JIGU", "WeGood", "V1.4").drop_instead_of_close
    assert quirks_for("FoxESS", "A022KP1", None).drop_instead_of_close


def test_f9_keba_adds_the_slave_s_serial_to_tags() -> None:
    assert quirks_for("Keba AG", "KC-P30", None).tag_suffix_separator == "_"


def test_c1_abl_has_no_status_for_connector_0() -> None:
    quirks = quirks_for("ABL", "eMH2", None)
    assert not quirks.trigger_status_of_connector_0
    assert not quirks.trigger_meter_values_without_connector


def test_c4_limits_have_the_vendor_s_unit_and_wallbox_one_stack_level() -> None:
    assert quirks_for("EV-BOX", "G4", None).limit_units_per_ampere == 10
    assert quirks_for("KEBA", "P30", None).limit_units_per_ampere == 1000
    assert quirks_for("Wall Box Chargers", "CPB1", None).stack_levels == frozenset({0})


def test_c6_c7_go_e_ignores_profiles_and_starts_without_one() -> None:
    quirks = quirks_for("go-e", "V4", "060.0")
    assert not quirks.remote_start_with_profile
    assert not quirks.obeys_profiles


def test_c8_alfen_tells_its_plug_and_charge_tag_in_a_key() -> None:
    assert quirks_for("Alfen BV", "NG910", None).plug_and_charge_keys == ("PlugAndChargeIdentifier",)


def test_c9_keba_blocks_a_key_that_was_refused() -> None:
    assert quirks_for("Keba", "P30", None).blocks_refused_tags


def test_t8_old_openevse_labels_kwh_as_wh() -> None:
    assert quirks_for("OpenEVSE", "OpenEVSE", "4.2.2").wh_means_kwh
    assert not quirks_for("OpenEVSE", "OpenEVSE", "5.0.0").wh_means_kwh


def test_t12_monta_s_emulator_charges_freely_under_one_tag() -> None:
    assert quirks_for("Monta", "Emulator", None).free_vend_tags == {"FFFFFFFF"}


def test_versions_are_read_out_of_any_name() -> None:
    assert version_numbers("P0424B0424v0.220706_W2.2.0") == (2, 2, 0)
    assert version_numbers("build 7") == ()
    assert not is_newer((1, 8), (1, 8, 0))
    assert is_newer((1, 10), (1, 9, 9))
    assert not is_newer((1, 8, 20), (1, 8, 21))
