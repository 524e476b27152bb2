"""Secrets do not reach a log, however they are handed over."""

from wattline.main.logs import blot_secrets


def test_secrets_are_blotted_out_by_name() -> None:
    event = {"event": "logged in", "password": "hunter2", "headers": {"Authorization": "Bearer x", "Accept": "*/*"}}
    assert blot_secrets(None, "info", event) == {
        "event": "logged in",
        "password": "[secret]",
        "headers": {"Authorization": "[secret]", "Accept": "*/*"},
    }
