"""The short way through frames agrees with the library's long way, or steps aside."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from tests.ocpp.gateway.raw_socket import frame
from wattline.ocpp.quick_frames import text_frame, whole_text


@given(st.text(max_size=400) | st.integers(100, 70_000).map(lambda size: "x" * size))
def test_a_whole_text_frame_is_read_and_written_as_the_library_does(text: str) -> None:
    payload = text.encode()
    chunk = Frame(Opcode.TEXT, payload).serialize(mask=True)
    written = Frame(Opcode.TEXT, payload).serialize(mask=False)
    if len(payload) <= 0xFFFF:
        assert (whole_text(chunk), text_frame(text)) == (text, written)
    else:
        assert (whole_text(chunk), text_frame(text)) == (None, None)


@pytest.mark.parametrize(
    "chunk",
    [
        b"",
        b"\x81",
        frame(b"[]")[:-1],
        frame(b"[]") + b"\x81",
        frame(b"[]") * 2,
        frame(b"[]", opcode=2),
        frame(b"", opcode=9),
        frame(b"[]", rsv1=True),
        bytes([frame(b"[]")[0] & 0x7F]) + frame(b"[]")[1:],
        frame(b"\xff\xfe"),
        b"\x81\x02[]",
        b"\x81\xff" + bytes(8) + b"mask",
    ],
    ids=[
        *("nothing", "one byte", "cut short", "more behind it", "two", "binary", "ping", "compressed", "a fragment"),
        *("no UTF-8", "not masked", "eight bytes of length"),
    ],
)
def test_anything_else_is_left_to_the_library(chunk: bytes) -> None:
    assert whole_text(chunk) is None


@given(st.binary(max_size=300))
def test_no_bytes_whatever_raise(chunk: bytes) -> None:
    whole_text(chunk)
