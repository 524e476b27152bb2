"""Settings from the environment, and the pepper that outlives every start."""

from pathlib import Path

import pytest

from wattline.main.environment import BadSetting, as_variables, knobs, read_settings


def test_every_knob_has_a_variable_of_its_own() -> None:
    variables = [variable for _, variable in knobs()]
    assert len(set(variables)) == len(variables)
    assert {"WATTLINE_WEB_PORT", "WATTLINE_OCPP_HOST", "WATTLINE_LOG_LEVEL"} <= set(variables)


def test_variables_fill_settings_and_the_command_line_comes_first(tmp_path: Path) -> None:
    environment = {
        "WATTLINE_WEB_PORT": "9000",
        "WATTLINE_OCPP_PORT": "9001",
        "WATTLINE_DEMO": "false",
        "WATTLINE_CHARGING_KEY_LENGTHS": "8,14",
        "DATABASE_URL": "postgresql://elsewhere/db",
    }
    settings = read_settings(environment, data_directory=tmp_path, web__port=9999, ocpp__port=None)
    assert (settings.web.port, settings.ocpp.port, settings.demo) == (9999, 9001, False)
    assert settings.charging.key_lengths == {8, 14}
    assert settings.database.url == "postgresql://elsewhere/db"


def test_children_get_the_same_settings(tmp_path: Path) -> None:
    settings = read_settings({"WATTLINE_WEBHOOKS_ALLOW_LOOPBACK": "true"}, data_directory=tmp_path)
    assert read_settings(as_variables(settings)) == settings


def test_a_value_that_cannot_be_meant_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="port"):
        read_settings({"WATTLINE_WEB_PORT": "eighty"}, data_directory=tmp_path)


def test_the_pepper_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    first = read_settings({}, data_directory=tmp_path / "data")
    again = read_settings({}, data_directory=tmp_path / "data")
    assert first.pepper == again.pepper
    assert len(first.pepper) == 32
    assert (tmp_path / "data" / "pepper").stat().st_mode & 0o777 == 0o600
    assert read_settings({}, data_directory=tmp_path / "other").pepper != first.pepper


def test_several_machines_can_share_a_pepper(tmp_path: Path) -> None:
    settings = read_settings({"WATTLINE_PEPPER": "00ff" * 16}, data_directory=tmp_path)
    assert settings.pepper == bytes.fromhex("00ff" * 16)
