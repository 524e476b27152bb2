"""Chance has the shapes that boxes, people and partners expect."""

import re
from uuid import UUID

from wattline.operations.chance import INT32_MAX, SystemChance


def test_chance_has_the_expected_shapes() -> None:
    chance = SystemChance()
    assert re.fullmatch("[0-9A-F]{20}", chance.tag())
    assert 1 <= chance.transaction_id() <= INT32_MAX
    assert re.fullmatch("[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{5}", chance.human_id())
    assert UUID(chance.uuid()).version == 4
    assert len({chance.tag() for _ in range(100)}) == 100
