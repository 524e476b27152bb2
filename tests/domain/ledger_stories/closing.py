"""Accounts closed by a hold.

The expected results are facts of TigerBeetle's public state machine tests (Apache-2.0).
"""

from tests.domain.ledger_stories.words import Story, booking, hold, later, move, opening, opens, post, stands, void

CLOSING = (
    Story(
        "an account is closed by a hold, and opened again when the hold goes",
        (
            opening(
                opens("red"),
                opens("blue"),
                opens("green"),
            ),
            booking(
                move(1, "red", "blue", 15),
                move(2, "red", "blue", 0, closing_debit=True, said="closing_transfer_must_be_pending"),
                hold(2, "red", "blue", 0, closing_debit=True),
                hold(2, "red", "blue", 0, closing_debit=True, said="exists"),
                move(3, "red", "blue", 5, said="debit_account_already_closed"),
                move(3, "red", "blue", 5, said="id_already_failed"),
                move(4, "blue", "red", 5, said="credit_account_already_closed"),
                move(4, "red", "blue", 5, said="id_already_failed"),
            ),
            stands("red", 0, 15, 0, 0, closed=True),
            stands("blue", 0, 0, 0, 15),
            booking(
                post(5, 2, "red", "blue", 0, currency="eur", code=1, said="debit_account_already_closed"),
                void(5, 2, "red", "blue", 0, currency="eur", code=1, said="id_already_failed"),
                void(6, 2, "red", "blue", 0, currency="eur", code=1),
                void(6, 2, "red", "blue", 0, currency="eur", code=1, said="exists"),
                move(7, "red", "blue", 5),
            ),
            stands("red", 0, 20, 0, 0),
            stands("blue", 0, 0, 0, 20),
            booking(
                hold(8, "red", "blue", 10, seconds=1),
                hold(9, "red", "blue", 10),
                hold(10, "red", "blue", 0, seconds=2, closing_credit=True),
                hold(10, "red", "blue", 0, seconds=2, closing_credit=True, said="exists"),
                post(11, 9, "red", "blue", 10, currency="eur", code=1, said="credit_account_already_closed"),
                void(11, 9, "red", "blue", 10, currency="eur", code=1, said="id_already_failed"),
                void(12, 9, "red", "blue", 10, currency="eur", code=1),
                void(12, 9, "red", "blue", 10, currency="eur", code=1, said="exists"),
            ),
            stands("red", 10, 20, 0, 0),
            stands("blue", 0, 0, 10, 20, closed=True),
            later(seconds=1),
            stands("red", 0, 20, 0, 0),
            stands("blue", 0, 0, 0, 20, closed=True),
            later(seconds=1),
            stands("red", 0, 20, 0, 0),
            stands("blue", 0, 0, 0, 20),
            booking(
                move(
                    13,
                    "red",
                    "blue",
                    0,
                    closing_debit=True,
                    closing_credit=True,
                    said="closing_transfer_must_be_pending",
                ),
                hold(13, "red", "blue", 0, closing_debit=True, closing_credit=True),
                hold(13, "red", "blue", 0, closing_debit=True, closing_credit=True, said="exists"),
                move(14, "red", "green", 5, said="debit_account_already_closed"),
                move(14, "red", "green", 5, said="id_already_failed"),
                move(15, "green", "blue", 5, said="credit_account_already_closed"),
                move(15, "green", "blue", 5, said="id_already_failed"),
            ),
            stands("red", 0, 20, 0, 0, closed=True),
            stands("blue", 0, 0, 0, 20, closed=True),
            booking(
                hold(16, "red", "green", 0, closing_debit=True, said="debit_account_already_closed"),
                hold(16, "red", "green", 0, closing_debit=True, said="id_already_failed"),
                hold(17, "green", "blue", 0, closing_credit=True, said="credit_account_already_closed"),
                hold(17, "green", "blue", 0, closing_credit=True, said="id_already_failed"),
            ),
        ),
    ),
)
