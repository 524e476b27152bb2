"""What a company says of itself is checked: VAT number by country, EAN, logo, colour."""

import struct
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattline.domain.company import checked_ean, checked_vat_number
from wattline.domain.refusals import Invalid
from wattline.domain.theme import LOGO_BYTES_MAX, checked_colour, checked_logo, contrast


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + b"\0" * width for _ in range(min(height, 4))))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


JPEG = b"\xff\xd8\xff\xe0\x00\x04JF\xff\xc0\x00\x0b\x08\x00\x20\x00\x40\x01\x01\x11\x00\xff\xd9"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("DK12345678", "DK12345678"), ("dk 12 34 56 78", "DK12345678"), ("DE 123456789", "DE123456789"),
        ("NL001234567B01", "NL001234567B01"), ("ATU12345678", "ATU12345678"), ("NO123456789MVA", "NO123456789MVA"),
        ("CHE-123.456.789 MWST", "CHE123456789MWST"), ("GB 123 4567 89", "GB123456789"), ("", None),
    ],
)  # fmt: skip
def test_vat_numbers_of_many_countries_are_taken(told: str, kept: str | None) -> None:
    assert checked_vat_number(told) == kept


@pytest.mark.parametrize(
    "told", ["DK1234567", "12345678", "ZZ12345678", "DE12345678A", "DK12345678; drop", "DK１２３４５６７８"]
)
def test_what_is_no_vat_number_is_refused(told: str) -> None:
    with pytest.raises(Invalid):
        checked_vat_number(told)


def test_the_letters_are_those_of_the_address_and_may_be_left_out_then() -> None:
    assert checked_vat_number("12345678", country="DK") == "DK12345678"
    assert checked_vat_number("EL123456789", country="GR") == "EL123456789"
    with pytest.raises(Invalid, match="the address is in DE"):
        checked_vat_number("DK12345678", country="DE")


def test_an_ean_has_thirteen_digits_that_fit_together() -> None:
    assert checked_ean("4006381333931") == "4006381333931"
    for wrong in ("4006381333932", "400638133393", "x" * 13):
        with pytest.raises(Invalid):
            checked_ean(wrong)


def test_png_and_jpeg_are_taken_with_their_size() -> None:
    assert (checked_logo(png(64, 32)).width, checked_logo(png(64, 32)).type) == (64, "image/png")
    assert (checked_logo(JPEG).width, checked_logo(JPEG).height) == (64, 32)


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg onload='x'/>", b"<?xml version='1.0'?><svg/>", b"GIF89a", b"\xff\xd8\xff", png(2_001, 1),
     png(8, 8)[:-4], b"\x89PNG\r\n\x1a\n<svg></svg>", b"x" * (LOGO_BYTES_MAX + 1)],
    ids=["empty", "svg", "xml", "gif", "half jpeg", "too wide", "half png", "svg in png", "too large"],
)  # fmt: skip
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(Invalid):
        checked_logo(content)


@given(st.binary(max_size=200).map(lambda rest: b"\xff\xd8\xff" + rest))
def test_no_damaged_jpeg_does_more_than_be_refused(content: bytes) -> None:
    with suppress(Invalid):
        assert checked_logo(content).width > 0


def test_a_colour_must_carry_white_words() -> None:
    assert checked_colour("#16704A") == "#16704a"
    assert checked_colour("") is None
    for wrong in ("#ffff00", "#777", "red", "#16704a;}"):
        with pytest.raises(Invalid):
            checked_colour(wrong)
    assert round(contrast("#000000", "#ffffff")) == 21
