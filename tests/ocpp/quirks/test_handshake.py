"""Requests to connect that a strict parser refuses are mended first; the version is chosen from the client's list."""

from collections.abc import Generator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.http11 import Request
from websockets.streams import StreamReader

from wattline.ocpp.quirks.handshake import choose_subprotocol, repair_request
from wattline.ocpp.quirks.identities import identity_candidates
from wattline.wire.ocpp.deviations import Code

HEADERS = (
    b"Host: example.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
)


def head(target: bytes, headers: bytes = HEADERS) -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\n" + headers


def parsed(request: bytes) -> Request:
    """Parse as the server's library does."""
    reader = StreamReader()
    reader.feed_data(request)
    reader.feed_eof()
    parser: Generator[None, None, Request] = Request.parse(reader.read_line)
    try:
        next(parser)
    except StopIteration as done:
        request_read: Request = done.value
        return request_read
    raise AssertionError("incomplete")


def codes(request: bytes) -> list[Code]:
    return [deviation.code for deviation in repair_request(request).deviations]


def test_a_good_request_stays_as_it_is() -> None:
    request = head(b"/ocpp/CP%201?x=1")
    assert repair_request(request).head == request
    assert codes(request) == []


@pytest.mark.parametrize(
    "headers",
    [
        HEADERS.replace(b"Connection: Upgrade\r\n", b""),
        HEADERS.replace(b"Connection: Upgrade", b"Connection: keep-alive"),
        HEADERS.replace(b"Connection: Upgrade\r\n", b"").replace(b"Upgrade: ", b"UPGRADE:"),
    ],
)
def test_h3_a_missing_connection_header_is_added(headers: bytes) -> None:
    request = head(b"/ocpp/CP1", headers)
    assert "Upgrade" in parsed(repair_request(request).head).headers.get_all("Connection")
    assert codes(request) == [Code.CONNECTION_HEADER_MISSING]


@pytest.mark.parametrize("written", [b"Connection: keep-alive, Upgrade", b"connection:upgrade"])
def test_h3_a_connection_header_of_another_style_is_left(written: bytes) -> None:
    request = head(b"/ocpp/CP1", HEADERS.replace(b"Connection: Upgrade", written))
    assert repair_request(request).head == request


def test_a_request_for_something_else_is_left_alone() -> None:
    request = head(b"/metrics", b"Host: example.test\r\n\r\n")
    assert repair_request(request).head == request


@pytest.mark.parametrize(
    ("target", "identity"),
    [
        (b"/ocpp/My Box 1", "My Box 1"),
        ("/ocpp/Ærø".encode(), "Ærø"),
        ("/ocpp/Ærø".encode("latin-1"), "Ærø"),
        (b"/ocpp/CP#1", "CP#1"),
        (b'/ocpp/"CP1"', '"CP1"'),
        (b"/ocpp/100%", "100%"),
        (b"/ocpp/CP1 ", "CP1"),
    ],
)
def test_h5_spaces_and_special_characters_in_the_address_are_encoded(target: bytes, identity: str) -> None:
    request = head(target)
    assert identity_candidates(parsed(repair_request(request).head).path)[0] == identity
    assert codes(request) == [Code.REQUEST_LINE]


@pytest.mark.parametrize("request_head", [b"", b"\r\n\r\n", b"GET\r\n\r\n", b"SSH-2.0-x\r\n", b"GET / HTTP/1.1\n\n"])
def test_what_is_no_request_is_left_to_the_parser(request_head: bytes) -> None:
    assert repair_request(request_head).head == request_head


@given(st.binary(), st.binary())
def test_any_bytes_are_repaired_without_an_error(target: bytes, headers: bytes) -> None:
    once = repair_request(head(target, headers)).head
    assert repair_request(once).head == once


KNOWN = ("ocpp1.6",)


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("ocpp1.6", "ocpp1.6"),
        ("ocpp2.0.1, ocpp1.6", "ocpp1.6"),
        (",ocpp1.6", "ocpp1.6"),
        (" , ,ocpp1.6,", "ocpp1.6"),
        ("OCPP1.6", "OCPP1.6"),
        (",ocpp2.0.1", None),
        ("soap", None),
    ],
)
def test_h2_the_first_of_the_client_s_list_that_we_know_is_spoken(header: str, chosen: str | None) -> None:
    assert choose_subprotocol(header, KNOWN, "ocpp1.6") == chosen


def test_h2_the_client_s_order_decides() -> None:
    assert choose_subprotocol("ocpp1.6,ocpp2.0.1", ("ocpp2.0.1", "ocpp1.6"), None) == "ocpp1.6"


@pytest.mark.parametrize("header", [None, "", " ", ","])
def test_h1_without_a_list_the_setting_decides(header: str | None) -> None:
    assert choose_subprotocol(header, KNOWN, "ocpp1.6") == "ocpp1.6"
    assert choose_subprotocol(header, KNOWN, None) is None
