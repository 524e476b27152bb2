"""Is this caller the charge point somebody waits for, with a slip in its name? Letters compared, nothing asked."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import IntEnum
from itertools import groupby
from operator import itemgetter

from wattline.domain.identity import identity_key


class Slip(IntEnum):
    """What went wrong on the way from a sticker to a settings page; the likelier first."""

    LOOK_ALIKES = 1
    SEPARATORS = 2
    ZEROS = 3
    ONE_CHARACTER = 4
    ONLY_A_PART = 5


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of an identity, and whether the other one reads differently there."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Somebody called as `called` where `expected` is waited for. `swapped` are the pairs of letters that were mixed
    up, called first; empty unless all that differs are look-alikes."""

    expected: str
    called: str
    slip: Slip
    expected_parts: tuple[Stretch, ...]
    called_parts: tuple[Stretch, ...]
    swapped: tuple[tuple[str, str], ...]


# Shorter names have too many neighbours to tell a slip from another charge point.
LENGTH_MIN = 3
ONE_CHARACTER_LENGTH_MIN = 5
PART_LENGTH_MIN = 6

LOOK_ALIKES = str.maketrans({"o": "0", "q": "0", "i": "1", "l": "1", "|": "1", "z": "2", "s": "5", "g": "6", "b": "8"})
SEPARATORS = re.compile(r"[\s\-‐-―_.:,;/\\]+")
LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


def near_miss(expected: str, called: str, *, others: Iterable[str] = ()) -> NearMiss | None:
    """Compare a caller's name with the one waited for; None when they are the same, or too different to be a slip.

    `others` are identities that somebody else waits for: a caller that is as near to one of those is not told of here.
    """
    slip = slip_between(expected, called)
    if slip is None or any((other := slip_between(each, called)) is not None and other <= slip for each in others):
        return None
    expected_parts, called_parts = _compare(expected, called)
    swapped = _swapped(expected, called) if slip is Slip.LOOK_ALIKES else ()
    return NearMiss(expected, called, slip, expected_parts, called_parts, swapped)


def slip_between(expected: str, called: str) -> Slip | None:
    """Name the slip that turns one identity into the other; None when there is none, or nothing differs."""
    if identity_key(expected) == identity_key(called) or min(len(expected), len(called)) < LENGTH_MIN:
        return None
    one, two = _plain(expected), _plain(called)
    if one == two:
        return Slip.LOOK_ALIKES
    one, two = SEPARATORS.sub("", one), SEPARATORS.sub("", two)
    if one == two:
        return Slip.SEPARATORS
    # Cut before look-alikes are mixed with real digits: the O of "KOL" leads no number.
    if _without_zeros(expected) == _without_zeros(called):
        return Slip.ZEROS
    if min(len(one), len(two)) >= ONE_CHARACTER_LENGTH_MIN and _one_edit_apart(one, two):
        return Slip.ONE_CHARACTER
    shorter, longer = sorted((one, two), key=len)
    return Slip.ONLY_A_PART if len(shorter) >= PART_LENGTH_MIN and shorter in longer else None


def _plain(identity: str) -> str:
    return unicodedata.normalize("NFKC", identity_key(identity)).translate(LOOK_ALIKES)


def _without_zeros(identity: str) -> str:
    groups = SEPARATORS.split(identity_key(identity))
    return "".join(LEADING_ZEROS.sub("", group) for group in groups).translate(LOOK_ALIKES)


def _one_edit_apart(one: str, two: str) -> bool:
    """Tell whether one letter was left out, added, changed, or changed places with its neighbour."""
    shorter, longer = sorted((one, two), key=len)
    if len(longer) - len(shorter) > 1:
        return False
    at = next((place for place, letter in enumerate(shorter) if letter != longer[place]), len(shorter))
    if len(shorter) < len(longer):
        return shorter[at:] == longer[at + 1 :]
    turned = shorter[at + 1 : at + 2] + shorter[at : at + 1] + shorter[at + 2 :]
    return shorter[at + 1 :] == longer[at + 1 :] or turned == longer[at:]


def _compare(expected: str, called: str) -> tuple[tuple[Stretch, ...], tuple[Stretch, ...]]:
    ours, theirs = [letter.casefold() for letter in expected], [letter.casefold() for letter in called]
    if len(ours) == len(theirs):
        same = [one == two for one, two in zip(ours, theirs, strict=True)]
        return _runs(expected, same), _runs(called, same)
    steps = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    return (
        tuple(Stretch(expected[first:last], tag != "equal") for tag, first, last, _, _ in steps if first < last),
        tuple(Stretch(called[first:last], tag != "equal") for tag, _, _, first, last in steps if first < last),
    )


def _runs(text: str, same: Sequence[bool]) -> tuple[Stretch, ...]:
    """Cut a text where letters that are the same give way to others."""
    groups = groupby(zip(text, same, strict=True), key=itemgetter(1))
    return tuple(Stretch("".join(letter for letter, _ in group), not is_same) for is_same, group in groups)


def _swapped(expected: str, called: str) -> tuple[tuple[str, str], ...]:
    if len(expected) != len(called):
        return ()
    pairs = zip(called, expected, strict=True)
    return tuple(dict.fromkeys(pair for pair in pairs if pair[0].casefold() != pair[1].casefold()))
