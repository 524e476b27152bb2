"""Is what somebody called with meant to be this identity? And which letters differ? Pure."""

from difflib import SequenceMatcher

from markupsafe import Markup

# Letters that are mistaken for one another on stickers and on the phone.
LOOKALIKES = str.maketrans({"o": "0", "q": "0", "i": "1", "l": "1", "|": "1", "z": "2", "s": "5", "b": "8", "g": "6"})
SEPARATORS = str.maketrans("", "", " -_./:")
# One slip of the finger in a short identity, two in a long one.
LONG = 8


def is_near_miss(told: str, called: str) -> bool:
    """Tell whether two identities differ only as people's typing differs: look-alikes, separators, a slip or two."""
    if told.casefold() == called.casefold():
        return False
    a, b = _plain(told), _plain(called)
    if a == b:
        return True
    shortest = min(len(a), len(b))
    return shortest >= 4 and _distance(a, b) <= (2 if shortest >= LONG else 1)  # noqa: PLR2004  less is chance


def _plain(identity: str) -> str:
    return identity.casefold().translate(SEPARATORS).translate(LOOKALIKES)


def _distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for place, letter in enumerate(a, start=1):
        before, row[0] = row[0], place
        for other, compared in enumerate(b, start=1):
            before, row[other] = row[other], min(row[other] + 1, row[other - 1] + 1, before + (letter != compared))
    return row[-1]


def marked_differences(told: str, called: str) -> tuple[Markup, Markup]:
    """Mark, in both spellings, the letters that differ."""
    matcher = SequenceMatcher(None, told, called, autojunk=False)
    ours, theirs = Markup(), Markup()
    for tag, a_start, a_end, b_start, b_end in matcher.get_opcodes():
        ours += _part(told[a_start:a_end], differs=tag != "equal")
        theirs += _part(called[b_start:b_end], differs=tag != "equal")
    return ours, theirs


def _part(text: str, *, differs: bool) -> Markup:
    if not text:
        return Markup()
    return Markup('<span class="diff">{}</span>').format(text) if differs else Markup("{}").format(text)


def named_difference(told: str, called: str) -> tuple[str, str]:
    """Say the first difference people cannot see: letter O or zero, letter I or one. Empty when there is none."""
    for ours, theirs in zip(told, called, strict=False):
        if ours != theirs and ours in NAMES and theirs in NAMES:
            return NAMES[ours], NAMES[theirs]
    return "", ""


NAMES = {
    "0": "zeros",
    "O": "the letter O",
    "o": "the letter o",
    "1": "ones",
    "I": "the letter I",
    "l": "the letter l",
    "5": "fives",
    "S": "the letter S",
    "8": "eights",
    "B": "the letter B",
    "2": "twos",
    "Z": "the letter Z",
}
