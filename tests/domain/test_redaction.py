"""Passwords of boxes pass through commands, but stay in no log."""

from hypothesis import given
from hypothesis import strategies as st
from msgspec import json

from wattline.domain.redaction import HIDDEN, hide_secrets, hide_secrets_in_frame


def test_only_the_value_of_a_secret_key_is_hidden() -> None:
    assert hide_secrets({"key": "authorizationKEY", "value": "x"}) == {"key": "authorizationKEY", "value": HIDDEN}
    assert hide_secrets({"key": "HeartbeatInterval", "value": "60"}) == {"key": "HeartbeatInterval", "value": "60"}
    assert hide_secrets({"type": "Soft"}) == {"type": "Soft"}


@given(st.text())
def test_whatever_the_secret_it_is_not_in_the_frame(secret: str) -> None:
    call = [2, "1", "ChangeConfiguration", {"key": "AuthorizationKey", "value": secret}]
    hidden = json.decode(hide_secrets_in_frame(json.encode(call).decode()))
    assert hidden == [2, "1", "ChangeConfiguration", {"key": "AuthorizationKey", "value": HIDDEN}]


def test_other_frames_stay_as_they_are() -> None:
    frame = '[2,"1","ChangeConfiguration",{"key":"A","value":"b"}]'
    assert hide_secrets_in_frame(frame) == frame
