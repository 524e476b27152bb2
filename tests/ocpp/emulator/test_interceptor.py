"""Frames on their way: what rules do to them."""

import json

import msgspec
import pytest

from wattline.emulator.interceptor import Direction, Effect, Interceptor, Onward, Return, Rule, merge, passing_of

START = '[2,"7","StartTransaction",{"connectorId":1,"idTag":"AA"}]'
ACCEPTED = '[3,"7",{"transactionId":5}]'


def rules(text: str) -> Interceptor:
    """An interceptor with rules as a tester writes them."""
    return Interceptor(msgspec.json.decode(text, type=list[Rule]))


def judge(interceptor: Interceptor, text: str, direction: Direction = Direction.SENT) -> list[Effect]:
    """What becomes of a frame of CP-1."""
    passing = passing_of("CP-1", direction, text, answered_action="StartTransaction")
    assert passing is not None
    return list(interceptor.judge(passing))


def test_without_rules_everything_passes() -> None:
    assert judge(Interceptor(), START) == [Onward(START)]


@pytest.mark.parametrize(
    ("deed", "effects"),
    [
        ('{"do":"drop"}', []),
        ('{"do":"delay","seconds":5}', [Onward(START, 5)]),
        ('{"do":"duplicate"}', [Onward(START), Onward(START, 0)]),
        ('{"do":"duplicate","seconds":2}', [Onward(START), Onward(START, 2)]),
        (
            '{"do":"edit","payload":{"idTag":"BB","connectorId":null}}',
            [Onward('[2,"7","StartTransaction",{"idTag":"BB"}]')],
        ),
        ('{"do":"answer","payload":{"transactionId":9}}', [Return('[3,"7",{"transactionId":9}]')]),
        (
            '{"do":"reject","code":"GenericError","description":"no"}',
            [Return('[4,"7","GenericError","no",{}]')],
        ),
    ],
)
def test_every_deed(deed: str, effects: list[Effect]) -> None:
    assert judge(rules(f'[{{"direction":"sent","then":{deed}}}]'), START) == effects


def test_answers_are_edited_too_and_known_by_the_action_of_their_call() -> None:
    interceptor = rules(
        '[{"direction":"received","kind":"result","action":"StartTransaction","then":{"do":"edit","payload":{"a":1}}}]'
    )
    assert judge(interceptor, ACCEPTED, Direction.RECEIVED) == [Onward('[3,"7",{"transactionId":5,"a":1}]')]
    assert judge(interceptor, START) == [Onward(START)]


def test_an_answer_cannot_be_answered() -> None:
    interceptor = rules('[{"direction":"received","then":{"do":"answer","payload":{}}}]')
    assert judge(interceptor, ACCEPTED, Direction.RECEIVED) == [Onward(ACCEPTED)]


def test_only_the_second_is_meant() -> None:
    interceptor = rules('[{"direction":"sent","action":"StartTransaction","nth":2,"then":{"do":"drop"}}]')
    assert [len(judge(interceptor, START)) for _ in range(4)] == [1, 0, 1, 1]


def test_only_the_first_two_are_meant() -> None:
    interceptor = rules('[{"direction":"sent","times":2,"then":{"do":"drop"}}]')
    assert [len(judge(interceptor, START)) for _ in range(4)] == [0, 0, 1, 1]


def test_the_first_rule_that_matches_decides() -> None:
    interceptor = rules(
        '[{"direction":"sent","identity":"CP-9*","then":{"do":"drop"}},'
        '{"direction":"sent","identity":"CP-*","then":{"do":"delay","seconds":1}},'
        '{"direction":"sent","then":{"do":"drop"}}]'
    )
    assert judge(interceptor, START) == [Onward(START, 1)]


@pytest.mark.parametrize(
    "text",
    [
        '[{"direction":"up","then":{"do":"drop"}}]',
        '[{"direction":"sent","then":{"do":"explode"}}]',
        '[{"direction":"sent","then":{"do":"delay","seconds":-1}}]',
        '[{"direction":"sent","nth":0,"then":{"do":"drop"}}]',
        '[{"direction":"sent","acton":"Heartbeat","then":{"do":"drop"}}]',
        '[{"direction":"sent","then":{"do":"reject","code":"Nonsense"}}]',
    ],
)
def test_a_rule_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        rules(text)


def test_a_merge_patch_changes_nested_fields_and_removes_with_null() -> None:
    target = {"a": {"b": 1, "c": 2}, "d": [1]}
    assert merge(target, {"a": {"b": None, "e": 3}, "d": "new"}) == {"a": {"c": 2, "e": 3}, "d": "new"}


def test_what_is_no_frame_is_left_alone() -> None:
    assert passing_of("CP-1", Direction.RECEIVED, json.dumps({"no": "frame"}), answered_action=None) is None
