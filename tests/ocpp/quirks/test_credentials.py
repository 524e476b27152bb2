"""HTTP Basic as charge points write it."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattline.ocpp.quirks.credentials import Credentials, read_basic
from wattline.wire.ocpp.deviations import Code

KEY = bytes(range(20, 40))


def header(text: str | bytes, scheme: str = "Basic") -> str:
    raw = text.encode() if isinstance(text, str) else text
    return f"{scheme} {base64.b64encode(raw).decode()}"


def read(text: str | bytes | None) -> Credentials:
    credentials = read_basic(text)
    assert credentials is not None
    return credentials


def test_a_password_is_read() -> None:
    assert read(header("CP1:correct horse")).passwords_for("CP1")[0] == b"correct horse"
    assert read(header("CP1:secret").encode()).passwords_for("CP1")[0] == b"secret"


def test_h5_an_identity_with_colons_is_looked_for_as_a_whole() -> None:
    assert read(header("20:69:C0:21:pa:ss")).passwords_for("20:69:C0:21")[0] == b"pa:ss"
    assert read(header("20:69:c0:21:pass")).passwords_for("20:69:C0:21")[0] == b"pass"


def test_another_user_name_does_not_hide_the_password() -> None:
    assert read(header("admin:secret")).passwords_for("CP1")[0] == b"secret"


def test_h6_a_password_of_raw_bytes_is_read() -> None:
    passwords = read(header(b"CP1:" + KEY)).passwords_for("CP1")
    assert passwords[0] == KEY
    assert KEY.hex().encode() in passwords
    assert KEY.hex().upper().encode() in passwords


@pytest.mark.parametrize("written", [KEY.hex(), KEY.hex().upper()])
def test_h6_a_password_in_hexadecimal_is_also_tried_decoded(written: str) -> None:
    passwords = read(header(f"CP1:{written}")).passwords_for("CP1")
    assert passwords[0] == written.encode()
    assert set(passwords) == {KEY, KEY.hex().encode(), KEY.hex().upper().encode()}


def test_h6_a_terminator_after_the_password_is_ignored() -> None:
    assert b"secret" in read(header(b"CP1:secret\x00\r\n")).passwords_for("CP1")


def test_an_empty_password_is_none() -> None:
    assert read(header("CP1:")).passwords_for("CP1") == ()
    assert read(header("CP1")).passwords_for("CP1") == ()


@pytest.mark.parametrize("scheme", ["Basic:", "basic:", "BASIC:"])
def test_h7_the_scheme_with_a_colon_is_read_and_noted(scheme: str) -> None:
    credentials = read(header("CP1:secret", scheme))
    assert credentials.passwords_for("CP1")[0] == b"secret"
    assert [deviation.code for deviation in credentials.deviations] == [Code.AUTHORIZATION_SCHEME]
    assert not read(header("CP1:secret", "basic")).deviations


def test_base64_without_padding_or_in_the_other_alphabet_is_read() -> None:
    raw = b"CP1:\xfb\xef\xff?"
    for token in (base64.b64encode(raw), base64.urlsafe_b64encode(raw), base64.b64encode(raw).rstrip(b"=")):
        assert read(b"Basic " + token).passwords_for("CP1")[0] == b"\xfb\xef\xff?"


@pytest.mark.parametrize(
    "text", [None, "", "Basic", "Basic ", "Bearer abc", "Basic *", "Basic A", "Basic " + "A" * 2000]
)
def test_what_is_no_login_is_none(text: str | None) -> None:
    assert read_basic(text) is None


def test_a_password_is_never_shown() -> None:
    credentials = read(header("CP1:secret", "Basic:"))
    assert "secret" not in repr(credentials)
    assert "secret" not in str(credentials.deviations)


@given(st.text() | st.binary(), st.text())
def test_any_header_is_read_without_an_error(text: str | bytes, identity: str) -> None:
    if "\ud800" <= max(identity, default="") <= "\udfff":
        return  # identities come from `identity_candidates`, which leaves such names out
    for given_header in (text, header(text if isinstance(text, bytes) else text.encode("utf-8", "replace"))):
        credentials = read_basic(given_header)
        if credentials is not None:
            assert all(credentials.passwords_for(identity))
