"""Boxes have no name of their own: people name connectors, and a box is called after what they have in common."""

import pytest

from wattline.domain.naming import checked_name, connector_name, name_of_box
from wattline.domain.refusals import Invalid


@pytest.mark.parametrize("count", [1, 2, 20])
def test_a_box_is_found_again_in_the_names_of_its_connectors(count: int) -> None:
    names = [connector_name("Bay 4", number, count=count) for number in range(1, count + 1)]
    assert len(set(names)) == count
    assert name_of_box(names) == "Bay 4"


@pytest.mark.parametrize(
    ("names", "box"),
    [
        (["Harbour 1A", "Harbour 1B"], "Harbour 1"),
        (["Gate A", "Gate B", "Gate C"], "Gate"),
        (["Gate A"], "Gate A"),
        (["Gate A", "Gate C"], "Gate A"),
        (["A", "B"], "A"),
        (["By the door", "By the wall"], "By the door"),
    ],
)
def test_names_that_people_gave_are_read_as_they_are(names: list[str], box: str) -> None:
    assert name_of_box(names) == box


def test_names_are_tidied_or_refused() -> None:
    assert checked_name("  Bay \t 7 ") == "Bay 7"
    for nothing in ("", "  ", "x" * 121):
        with pytest.raises(Invalid, match="site"):
            checked_name(nothing, field="site")
