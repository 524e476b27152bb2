"""Deviations: each has a meaning for people, and every sample can be stored."""

from hypothesis import given
from hypothesis import strategies as st

from wattline.wire.ocpp.deviations import MEANINGS, SAMPLE_CHARACTERS_MAX, Code, deviation, storable


def test_every_code_has_a_meaning_in_plain_words() -> None:
    assert set(MEANINGS) == set(Code)
    for meaning in MEANINGS.values():
        assert meaning.title
        assert not meaning.title.endswith(".")
        assert meaning.sentence.endswith(".")


def test_meanings_differ() -> None:
    assert len({meaning.title for meaning in MEANINGS.values()}) == len(Code)


def test_a_sample_is_cut() -> None:
    assert deviation(Code.TEXT_TOO_LONG, "idTag", "x" * 500).sample == "x" * SAMPLE_CHARACTERS_MAX


def test_a_sample_of_something_deep_or_large_is_short() -> None:
    deep: list[object] = []
    for _ in range(10_000):
        deep = [deep]
    assert len(deviation(Code.EXTRA_FIELD, "", deep).sample) <= SAMPLE_CHARACTERS_MAX
    assert len(deviation(Code.EXTRA_FIELD, "", {str(n): "x" * 100 for n in range(10_000)}).sample) <= 120


@given(st.text(alphabet=st.characters()))
def test_any_text_becomes_storable(text: str) -> None:
    kept = storable(text + "\x00\ud800")
    assert "\x00" not in kept
    assert kept.encode()
