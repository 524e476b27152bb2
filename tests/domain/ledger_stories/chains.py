"""Chains: booked whole or not at all.

The expected results are facts of TigerBeetle's public state machine tests (Apache-2.0).
"""

from tests.domain.ledger_stories.words import (
    MOST,
    Story,
    begins,
    booking,
    hold,
    kept,
    move,
    not_kept,
    opening,
    opens,
    stands,
    void,
)

CHAINS = (
    Story(
        "a chain that breaks leaves nothing behind",
        (
            opening(
                opens("red"),
                opens("blue"),
            ),
            booking(
                move(1, "red", "blue", 15, linked=True, said="linked_event_failed"),
                move(2, "red", "blue", 15, currency="", said="currency_must_not_be_empty"),
            ),
            booking(
                hold(3, "red", "blue", 15, seconds=1, linked=True, said="linked_event_failed"),
                move(4, "red", "blue", 15, currency="", said="currency_must_not_be_empty"),
            ),
            stands("red", 0, 0, 0, 0),
            stands("blue", 0, 0, 0, 0),
            not_kept(1),
            not_kept(2),
            not_kept(3),
            not_kept(4),
        ),
    ),
    Story(
        "what comes after a broken chain in the same batch finds the books as before it",
        (
            opening(
                opens("red", limit="debits"),
                opens("blue"),
            ),
            begins("red", 0, 0, 0, 20),
            booking(
                move(1, "red", "blue", 15, linked=True, said="linked_event_failed"),
                move(2, "red", "blue", 5, currency="", said="currency_must_not_be_empty"),
                move(3, "red", "blue", 15),
            ),
            stands("red", 0, 15, 0, 20),
            stands("blue", 0, 0, 0, 15),
            not_kept(1),
            not_kept(2),
            kept(3),
        ),
    ),
    Story(
        "several purses pay one bill together, or nobody pays",
        (
            opening(
                opens("red", limit="debits"),
                opens("blue", limit="debits"),
                opens("green", limit="debits"),
                opens("amber"),
                opens("violet", limit="debits"),
                opens("grey"),
            ),
            begins("red", 0, 0, 0, 40),
            begins("blue", 0, 0, 0, 40),
            begins("green", 0, 0, 0, 21),
            booking(
                move(1, "amber", "violet", 100, linked=True),
                move(2, "red", "amber", 100, linked=True, balancing_debit=True, balancing_credit=True),
                move(3, "blue", "amber", 100, linked=True, balancing_debit=True, balancing_credit=True),
                move(4, "green", "amber", 100, linked=True, balancing_debit=True, balancing_credit=True),
                move(5, "amber", "grey", 100, linked=True),
                move(6, "violet", "amber", MOST, balancing_credit=True),
            ),
            stands("red", 0, 40, 0, 40),
            stands("blue", 0, 40, 0, 40),
            stands("green", 0, 20, 0, 21),
            stands("amber", 0, 200, 0, 200),
            stands("violet", 0, 100, 0, 100),
            stands("grey", 0, 0, 0, 100),
        ),
    ),
    Story(
        "several purses pay one bill together, or nobody pays (part 2)",
        (
            opening(
                opens("red", limit="debits"),
                opens("blue", limit="debits"),
                opens("green", limit="debits"),
                opens("amber"),
                opens("violet", limit="debits"),
                opens("grey"),
            ),
            begins("red", 0, 0, 0, 40),
            begins("blue", 0, 0, 0, 40),
            begins("green", 0, 0, 0, 19),
            booking(
                move(1, "amber", "violet", 100, linked=True, said="linked_event_failed"),
                move(
                    2,
                    "red",
                    "amber",
                    100,
                    linked=True,
                    balancing_debit=True,
                    balancing_credit=True,
                    said="linked_event_failed",
                ),
                move(
                    3,
                    "blue",
                    "amber",
                    100,
                    linked=True,
                    balancing_debit=True,
                    balancing_credit=True,
                    said="linked_event_failed",
                ),
                move(
                    4,
                    "green",
                    "amber",
                    100,
                    linked=True,
                    balancing_debit=True,
                    balancing_credit=True,
                    said="linked_event_failed",
                ),
                move(5, "amber", "grey", 100, linked=True, said="linked_event_failed"),
                move(6, "violet", "amber", MOST, balancing_credit=True, said="exceeds_credits"),
            ),
        ),
    ),
    Story(
        "limits hold after every transfer, not only at the end of a chain",
        (
            opening(
                opens("red"),
                opens("blue"),
                opens("green", limit="credits"),
            ),
            begins("blue", 0, 40, 0, 0),
            booking(
                move(1, "red", "blue", 41, linked=True, said="linked_event_failed"),
                hold(2, "blue", "green", 1, linked=True, balancing_debit=True, said="exceeds_debits"),
                void(3, 2, "blue", "green", 0, currency="eur", code=1, said="linked_event_failed"),
            ),
            booking(
                move(1, "red", "blue", 0),
                move(2, "blue", "green", 0, said="id_already_failed"),
                move(3, "blue", "green", 0),
            ),
            booking(
                move(4, "red", "blue", 40, linked=True),
                hold(5, "blue", "green", 1, linked=True, balancing_debit=True),
                void(6, 5, "blue", "green", 0, currency="eur", code=1),
            ),
            stands("red", 0, 40, 0, 0),
            stands("blue", 0, 40, 0, 40),
            stands("green", 0, 0, 0, 0),
        ),
    ),
    Story(
        "limits hold after every transfer, not only at the end of a chain (part 2)",
        (
            opening(
                opens("red"),
                opens("blue"),
                opens("green", limit="debits"),
            ),
            begins("red", 0, 0, 0, 40),
            booking(
                move(1, "red", "blue", 41, linked=True, said="linked_event_failed"),
                hold(2, "green", "red", 1, linked=True, balancing_credit=True, said="exceeds_credits"),
                void(3, 2, "green", "red", 0, currency="eur", code=1, said="linked_event_failed"),
            ),
            booking(
                move(1, "red", "blue", 0),
                move(2, "green", "red", 0, said="id_already_failed"),
                move(3, "green", "red", 0),
            ),
            booking(
                move(4, "red", "blue", 40, linked=True),
                hold(5, "green", "red", 1, linked=True, balancing_credit=True),
                void(6, 5, "green", "red", 0, currency="eur", code=1),
            ),
            stands("red", 0, 40, 0, 40),
            stands("blue", 0, 0, 0, 40),
            stands("green", 0, 0, 0, 0),
        ),
    ),
)
