"""Secrets do not reach a log, however they are handed over."""

from wattline.main.logs import blot_secrets, console_lines


def test_secrets_are_blotted_out_by_name() -> None:
    event = {"event": "logged in", "password": "hunter2", "headers": {"Authorization": "Bearer x", "Accept": "*/*"}}
    assert blot_secrets(None, "info", event) == {
        "event": "logged in",
        "password": "[secret]",
        "headers": {"Authorization": "[secret]", "Accept": "*/*"},
    }


def test_a_traceback_tells_no_local_variables() -> None:
    password = "of-the-box"
    try:
        raise ValueError(len(password))
    except ValueError as error:
        line = console_lines()(None, "error", {"event": "failed", "exc_info": error})
    assert "ValueError: 10" in line
    assert password not in line
