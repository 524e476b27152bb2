"""Plain books, as statements are made of.

The expected results are facts of TigerBeetle's public state machine tests (Apache-2.0).
"""

from tests.domain.ledger_stories.words import MOST, Story, booking, hold, later, move, opening, opens, post, void

STATEMENTS = (
    Story(
        "four moves to and fro",
        (
            opening(
                opens("red"),
                opens("blue"),
            ),
            booking(
                move(1, "red", "blue", 10, about="u1000"),
                move(2, "blue", "red", 11, about="u1001", code=2),
                move(3, "red", "blue", 12, about="u1000"),
                move(4, "blue", "red", 13, about="u1001", code=2),
            ),
        ),
    ),
    Story(
        "a hold and its post",
        (
            opening(
                opens("red"),
                opens("blue"),
            ),
            booking(
                hold(1, "red", "blue", 2),
                post(2, 1, "red", "blue", 1, currency="eur", code=1),
            ),
        ),
    ),
    Story(
        "a hold and its post, again",
        (
            opening(
                opens("red"),
                opens("blue"),
            ),
            booking(
                hold(1, "red", "blue", 2),
                post(2, 1, "red", "blue", 1, currency="eur", code=1),
            ),
        ),
    ),
    Story(
        "four moves to and fro between accounts with a history",
        (
            opening(
                opens("red"),
                opens("blue"),
            ),
            booking(
                move(1, "red", "blue", 10, about="u1000"),
                move(2, "blue", "red", 11, about="u1001", code=2),
                move(3, "red", "blue", 12, about="u1000"),
                move(4, "blue", "red", 13, about="u1001", code=2),
            ),
        ),
    ),
    Story(
        "a hold and its post on accounts with a history",
        (
            opening(
                opens("red"),
                opens("blue"),
            ),
            booking(
                hold(1, "red", "blue", 1),
                post(2, 1, "red", "blue", 1, currency="eur", code=1),
            ),
        ),
    ),
    Story(
        "two moves, one account with a history",
        (
            opening(
                opens("red"),
                opens("blue"),
            ),
            booking(
                move(1, "red", "blue", 2),
                move(2, "red", "blue", 1),
            ),
        ),
    ),
    Story(
        "eight accounts of four currencies",
        (
            opening(
                opens("red"),
                opens("blue", currency="dkk"),
                opens("green", currency="sek"),
                opens("amber", currency="nok"),
                opens("violet", currency="sek"),
                opens("grey", currency="dkk"),
                opens("white"),
                opens("missing"),
            ),
        ),
    ),
    Story(
        "eight moves in two currencies",
        (
            opening(
                opens("red"),
                opens("blue"),
                opens("green", currency="dkk"),
                opens("amber", currency="dkk"),
            ),
            booking(
                move(1, "red", "blue", 0, about="u1000"),
                move(2, "green", "amber", 11, about="u1000", currency="dkk", code=2),
                move(3, "blue", "red", 12, about="u1000", code=3),
                move(4, "amber", "green", 13, about="u1000", currency="dkk", code=4),
                move(5, "blue", "red", 14, about="u2000", code=5),
                move(6, "amber", "green", 15, about="u2000", currency="dkk", code=6),
                move(7, "red", "blue", 16, about="u2000", code=7),
                move(8, "blue", "red", 17, about="u1000"),
            ),
        ),
    ),
    Story(
        "moves, holds and closings, some of them settled a second later",
        (
            opening(
                opens("red"),
                opens("blue"),
                opens("green"),
                opens("amber"),
            ),
            booking(
                move(1, "red", "blue", 10),
                hold(2, "red", "blue", 11),
                hold(3, "red", "blue", 12, seconds=1),
                hold(4, "red", "blue", 13, seconds=2),
                hold(5, "red", "blue", 14, seconds=2),
                hold(6, "green", "red", 0, closing_debit=True),
                hold(7, "red", "amber", 0, closing_credit=True),
            ),
            later(seconds=1),
            booking(
                post(14, 4, "", "", MOST),
                void(15, 5, "", "", 0),
                void(16, 6, "", "", 0),
                void(17, 7, "", "", 0),
            ),
        ),
    ),
)
