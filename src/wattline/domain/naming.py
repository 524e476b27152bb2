"""What connectors are called: after their box, with a number when it has several."""

from collections.abc import Sequence


def connector_name(box_name: str, number: int, *, count: int) -> str:
    """Name connector `number` of a box with `count` of them: `Bay 4`, or `Bay 4 · 2`."""
    return box_name if count == 1 else f"{box_name} · {number}"


def name_of_box(connector_names: Sequence[str]) -> str:
    """Find the name of a box again, from those of its connectors in the order of their numbers."""
    return connector_names[0].removesuffix(" · 1")
