"""Accounts are opened.

The expected results are facts of TigerBeetle's public state machine tests (Apache-2.0).
"""

from tests.domain.ledger_stories.words import Story, nobody, opening, opens, stands

OPENING = (
    Story(
        "an account is opened once, and only as what it can be",
        (
            opening(
                opens("red", currency="sek"),
                opens("", limit="both", currency="", said="id_must_not_be_zero"),
                opens("red", currency="sek", said="exists"),
                opens("blue", limit="both", currency="", said="flags_are_mutually_exclusive"),
                opens("blue", limit="debits", currency="", said="currency_must_not_be_empty"),
                opens("blue", limit="debits", currency="chf", owner="", said="code_must_not_be_zero"),
            ),
            stands("red", 0, 0, 0, 0),
            nobody("blue"),
        ),
    ),
    Story(
        "accounts are opened one by one",
        (
            opening(
                opens("white"),
                opens("red"),
                opens("blue"),
            ),
            stands("white", 0, 0, 0, 0),
            stands("red", 0, 0, 0, 0),
            stands("blue", 0, 0, 0, 0),
        ),
    ),
    Story(
        "accounts are opened one by one (part 2)",
        (
            opening(
                opens("white"),
            ),
            stands("white", 0, 0, 0, 0),
            nobody("red"),
            nobody("blue"),
            nobody("green"),
        ),
    ),
    Story(
        "one account beside a chain",
        (
            opening(
                opens("red"),
            ),
            stands("red", 0, 0, 0, 0),
            nobody("blue"),
            nobody("green"),
        ),
    ),
)
