"""Bank accounts: what an IBAN may look like, and that a slip of the finger is found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wattline.domain.iban import LENGTHS, checked_iban
from wattline.domain.refusals import Invalid

# The examples of the register.
GOOD = (
    "DK50 0040 0440 1162 43", "DE89 3704 0044 0532 0130 00", "GB29 NWBK 6016 1331 9268 19", "NO93 8601 1117 947",
    "FR14 2004 1010 0505 0001 3M02 606", "SE45 5000 0000 0583 9825 7466", "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
)  # fmt: skip


@pytest.mark.parametrize("iban", GOOD)
def test_an_iban_is_taken_however_it_is_grouped(iban: str) -> None:
    plain = iban.replace(" ", "")
    assert {checked_iban(each) for each in (iban, plain, f" {plain.lower()}\n")} == {plain}


@pytest.mark.parametrize(
    "iban",
    ["", "DK", "XX50", "DK5000400440116244", "DK50004004401162", "DK5000400440116243 00", "DK٥٠00400440116243",
     "US50 0040 0440 1162 43", "DE8937040044053201300é", "DK-50040044011624"],
)  # fmt: skip
def test_what_is_no_iban_is_refused(iban: str) -> None:
    with pytest.raises(Invalid):
        checked_iban(iban)


@given(st.sampled_from(GOOD), st.data())
def test_one_wrong_digit_and_two_swapped_ones_are_found(iban: str, data: st.DataObject) -> None:
    plain = iban.replace(" ", "")
    place = data.draw(st.integers(4, len(plain) - 2))
    wrong = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != plain[place]))
    swapped = plain[:place] + plain[place + 1] + plain[place] + plain[place + 2 :]
    spoilt = [each for each in (plain[:place] + wrong + plain[place + 1 :], swapped) if each != plain]
    for each in spoilt:
        with pytest.raises(Invalid):
            checked_iban(each)


def test_each_country_is_there_once() -> None:
    assert len(LENGTHS) == 51
    assert all(len(country) == 2 and 15 <= length <= 34 for country, length in LENGTHS.items())
