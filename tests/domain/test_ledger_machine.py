"""People who hold, take, give back, repeat themselves and wait: hypothesis looks for a short way to break a law."""

from dataclasses import replace

import hypothesis.strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, rule

from tests.domain.test_ledger import CURRENCY_OF, Town
from wattline.domain.ledger import AMOUNT_ALL, Code, Kind, Result, Transfer

accounts = st.sampled_from(sorted(CURRENCY_OF))
amounts = st.integers(0, 100) | st.just(AMOUNT_ALL)


class LedgerMachine(RuleBasedStateMachine):
    """Every step is checked against the model, and the model against the laws, by the town's own `book`."""

    holds = Bundle("holds")
    booked = Bundle("booked")

    def __init__(self) -> None:
        super().__init__()
        self.town = Town(seed=0)

    @rule(target=booked, debit=accounts, credit=accounts, amount=amounts, balancing=st.booleans())
    def move(self, debit: int, credit: int, amount: int, balancing: bool) -> Transfer:
        return self.ask(self.transfer(debit, credit, amount, Kind.PLAIN, balancing_debit=balancing))

    @rule(target=holds, debit=accounts, credit=accounts, amount=amounts, seconds=st.integers(0, 3))
    def hold(self, debit: int, credit: int, amount: int, seconds: int) -> Transfer:
        return self.ask(self.transfer(debit, credit, amount, Kind.HOLD, timeout_seconds=seconds))

    @rule(target=booked, hold=holds, amount=amounts)
    def post(self, hold: Transfer, amount: int) -> Transfer:
        return self.ask(self.settlement(hold, amount, Kind.POST))

    @rule(target=booked, hold=consumes(holds))
    def void(self, hold: Transfer) -> Transfer:
        return self.ask(self.settlement(hold, 0, Kind.VOID))

    @rule(hold=holds, debit=accounts, credit=accounts, amount=amounts)
    def post_and_split(self, hold: Transfer, debit: int, credit: int, amount: int) -> None:
        post = replace(self.settlement(hold, AMOUNT_ALL, Kind.POST), linked=True)
        self.town.book([post, self.transfer(debit, credit, amount, Kind.PLAIN)])

    @rule(before=booked)
    def repeat(self, before: Transfer) -> None:
        was_booked = before.id in self.town.books.transfers
        (result,) = self.town.book([before])
        assert (result is Result.EXISTS) is was_booked

    @rule(before=booked, amount=st.integers(101, 200))
    def say_something_else_under_an_old_id(self, before: Transfer, amount: int) -> None:
        # What was refused has no earlier answer: another amount under its id is simply new.
        if before.id in self.town.books.transfers:
            (result,) = self.town.book([replace(before, amount_minor=amount, reference="something else")])
            assert result.startswith("exists_with_different")

    @rule()
    def wait(self) -> None:
        self.town.pass_time()
        self.town.let_holds_expire()

    def ask(self, transfer: Transfer) -> Transfer:
        self.town.book([transfer])
        return transfer

    def transfer(self, debit: int, credit: int, amount: int, kind: Kind, **more: object) -> Transfer:
        ids = self.town.new_id(), debit, credit
        return Transfer(*ids, amount, CURRENCY_OF[debit], Code.SALE, kind, **more)  # type: ignore[arg-type]

    def settlement(self, hold: Transfer, amount: int, kind: Kind) -> Transfer:
        return Transfer(self.town.new_id(), 0, 0, amount, "", Code.NONE, kind, pending_id=hold.id)


TestLedgerMachine = LedgerMachine.TestCase
