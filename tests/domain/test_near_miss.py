"""A charge point is set up by hand, from a sticker: names that nearly fit are recognised, other names are not."""

import pytest

from wattline.domain.near_miss import NearMiss, Slip, near_miss, slip_between


def shown(found: NearMiss) -> tuple[str, str]:
    """Write both names with what differs in brackets: the caller's, then ours."""
    return (
        "".join(f"[{part.text}]" if part.differs else part.text for part in found.called_parts),
        "".join(f"[{part.text}]" if part.differs else part.text for part in found.expected_parts),
    )


@pytest.mark.parametrize(
    ("expected", "called", "slip", "letters"),
    [
        ("KOL-0007", "KOL-OOO7", Slip.LOOK_ALIKES, ("KOL-[OOO]7", "KOL-[000]7")),
        ("ALF1S5", "ALFIS5", Slip.LOOK_ALIKES, ("ALF[I]S5", "ALF[1]S5")),
        ("KOL-0007", "KOL0007", Slip.SEPARATORS, ("KOL0007", "KOL[-]0007")),
        ("KOL-0007", "kol_0007", Slip.SEPARATORS, ("kol[_]0007", "KOL[-]0007")),
        ("KOL-0007", "KOL-7", Slip.ZEROS, ("KOL-7", "KOL-[000]7")),
        ("KOL-0007", "KOL-0077", Slip.ONE_CHARACTER, ("KOL-00[7]7", "KOL-00[0]7")),
        ("KOL-0007", "KOL-007", Slip.ZEROS, ("KOL-007", "KOL-00[0]7")),
        ("ABC-1234", "ABC-124", Slip.ONE_CHARACTER, ("ABC-124", "ABC-12[3]4")),
        ("ABC-1234", "ABC-1324", Slip.ONE_CHARACTER, ("ABC-1[32]4", "ABC-1[23]4")),
        ("SN1234567890", "ALFEN-SN1234567890", Slip.ONLY_A_PART, ("[ALFEN-]SN1234567890", "SN1234567890")),
        ("SN1234567890", "SN12345678", Slip.ONLY_A_PART, ("SN12345678", "SN12345678[90]")),
    ],
)
def test_a_slip_is_named_and_the_letters_that_differ_are_shown(
    expected: str, called: str, slip: Slip, letters: tuple[str, str]
) -> None:
    found = near_miss(expected, called)
    assert found is not None
    assert found.slip is slip
    assert shown(found) == letters


def test_mixed_up_letters_are_told_apart_from_zeros() -> None:
    found = near_miss("KOL-0007", "KOL-OOO7")
    assert found is not None
    assert found.swapped == (("O", "0"),)


@pytest.mark.parametrize(
    ("expected", "called"),
    [
        ("KOL-0007", "kol-0007/"),
        ("KOL-0007", "ODE-0001"),
        ("KOL-0007", "KOL-0123"),
        ("AB1", "AB2"),
        ("CP1", "CP12"),
        ("X", "Y"),
        ("SN1234567890", "67890"),
    ],
)
def test_the_same_name_and_other_names_are_no_slip(expected: str, called: str) -> None:
    assert near_miss(expected, called) is None


def test_a_caller_that_somebody_else_waits_for_is_not_told_of() -> None:
    assert near_miss("KOL-0007", "KOL-OOO8", others=["KOL-0008"]) is None
    assert near_miss("KOL-0007", "KOL-OOO7", others=["KOL-0008", "KOL-0017"]) is not None
    assert near_miss("KOL-0007", "KOL-OOO7", others=["KOL-00O7"]) is None


def test_it_works_both_ways() -> None:
    for one, two in [("KOL-0007", "KOL-OOO7"), ("KOL-0007", "KOL-7"), ("ABC-1234", "ABC-124")]:
        assert slip_between(one, two) is slip_between(two, one)
