"""How the charge point knocks, byte by byte."""

import base64

import pytest
from websockets.exceptions import InvalidURI

from wattline.emulator.handshake import Address, knock
from wattline.emulator.quirks import Quirk

URL = "ws://127.0.0.1:8410/ocpp"


def request(*quirks: Quirk, identity: str = "CP-1", password: str | None = "pw", url: str = URL) -> str:
    """The first request, as it goes over the line."""
    return knock(Address(url, identity, password, frozenset(quirks)))[1].serialize().decode()


def test_an_ordinary_knock() -> None:
    text = request()
    assert text.startswith("GET /ocpp/CP-1 HTTP/1.1\r\n")
    assert "Sec-WebSocket-Protocol: ocpp1.6\r\n" in text
    assert f"Authorization: Basic {base64.b64encode(b'CP-1:pw').decode()}\r\n" in text
    assert "Authorization" not in request(password=None)


def test_a_slash_at_the_end_of_the_address_does_no_harm() -> None:
    assert request(url=URL + "/").startswith("GET /ocpp/CP-1 HTTP/1.1\r\n")


def test_identities_are_percent_encoded() -> None:
    assert request(identity="A1:B2 #/ø").startswith("GET /ocpp/A1%3AB2%20%23%2F%C3%B8 HTTP/1.1\r\n")


def test_an_address_that_is_none() -> None:
    with pytest.raises(InvalidURI):
        request(url="http://127.0.0.1/ocpp")


def test_h1_no_subprotocol() -> None:
    assert "Sec-WebSocket-Protocol" not in request(Quirk.NO_SUBPROTOCOL)


def test_h2_an_empty_one_first() -> None:
    assert "Sec-WebSocket-Protocol: ,ocpp1.6\r\n" in request(Quirk.EMPTY_SUBPROTOCOL)


def test_h3_no_connection_header() -> None:
    text = request(Quirk.NO_CONNECTION_HEADER)
    assert "Connection:" not in text
    assert "Upgrade: websocket\r\n" in text


def test_h4_h5_odd_paths() -> None:
    assert request(Quirk.ODD_SLASHES).startswith("GET /ocpp///CP-1/ HTTP/1.1\r\n")
    assert request(Quirk.OTHER_CASE).startswith("GET /ocpp/cp-1 HTTP/1.1\r\n")


def test_h6_h7_odd_passwords() -> None:
    raw = base64.b64encode(b"CP-1:\x00\xff").decode()
    assert f"Authorization: Basic {raw}\r\n" in request(Quirk.RAW_KEY, password="00ff")
    assert "Authorization: Basic: " in request(Quirk.BASIC_COLON)
