"""A finished charge is paid in one chain, and the books tell who has what afterwards."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from wattline.domain.fees import Fee, FeeKind, FeeRule, fees_of
from wattline.domain.ledger import DONE, Transfer
from wattline.domain.ledger_accounts import MEMO, OUTSIDE, PURSE, Account
from wattline.domain.ledger_books import Books, book
from wattline.domain.settlement import Held, Parties, Sale, hold, release, settle

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DRIVER, OWNER, DEBT, VAT_DUE, VAT_CONTRA, PLATFORM, OPERATOR, BANK = range(1, 9)
PARTIES = Parties(seller=OWNER, debt=DEBT, vat_due=VAT_DUE, vat_contra=VAT_CONTRA, takers={None: PLATFORM, 7: OPERATOR})
RULES = (
    FeeRule(operator_id=None, kind=FeeKind.PERCENT, value=Decimal(2), vat_percent=Decimal(25)),
    FeeRule(operator_id=7, kind=FeeKind.PER_KWH, value=Decimal("0.05")),
)


class Ledger:
    """The accounts of one sale; the driver has put 100.00 into the wallet."""

    def __init__(self, *, held_minor: int = 5_000) -> None:
        rules = {DRIVER: PURSE, OWNER: PURSE, DEBT: MEMO, VAT_DUE: MEMO, VAT_CONTRA: MEMO, PLATFORM: OUTSIDE}
        self.books = Books({each: Account(each, "eur", rules.get(each, OUTSIDE)) for each in range(1, 9)})
        self.books.accounts[DRIVER].credits_posted = 10_000
        self.books.accounts[BANK].debits_posted = 10_000
        self.held = hold(1, 1, payer=DRIVER, seller=OWNER, amount_minor=held_minor, currency="eur", seconds=60)
        self.book(self.held)

    def book(self, *transfers: Transfer) -> None:
        results = book(self.books, transfers, now=NOON)
        assert set(results) <= DONE, results

    def pay(self, gross_minor: int, vat_minor: int, fees: tuple[Fee, ...] = ()) -> None:
        sale = Sale(
            charge_id=1,
            currency="eur",
            holds=(Held(self.held.id, self.held.amount_minor),),
            gross_minor=gross_minor,
            vat_minor=vat_minor,
            fees=fees,
        )
        self.book(*settle(sale, PARTIES))

    def has(self, account: int) -> int:
        each = self.books.accounts[account]
        return each.credits_posted - each.debits_posted

    def kept(self) -> int:
        return sum(each.debits_pending + each.credits_pending for each in self.books.accounts.values())


def fees(net_minor: int, gross_minor: int, energy_wh: int = 20_000) -> tuple[Fee, ...]:
    return fees_of(RULES, net_minor=net_minor, gross_minor=gross_minor, energy_wh=energy_wh, decimals=2)


def test_the_driver_pays_the_owner_and_the_owner_pays_the_fees() -> None:
    ledger = Ledger()
    ledger.pay(1_250, 250, fees(1_000, 1_250))
    # 12.50 paid, 0.20 + 0.05 VAT to the platform, 1.00 for 20 kWh to the operator.
    assert {each: ledger.has(each) for each in (DRIVER, OWNER, PLATFORM, OPERATOR)} == {
        DRIVER: 8_750,
        OWNER: 1_250 - 25 - 100,
        PLATFORM: 25,
        OPERATOR: 100,
    }
    assert (ledger.has(VAT_DUE), ledger.kept()) == (250, 0)


def test_paying_twice_pays_once() -> None:
    ledger = Ledger()
    for _ in range(2):
        ledger.pay(1_250, 250, fees(1_000, 1_250))
    assert ledger.has(DRIVER) == 8_750


def test_a_charge_that_cost_more_than_was_held_leaves_a_debt_and_the_owner_has_all_of_it() -> None:
    ledger = Ledger(held_minor=1_000)
    ledger.pay(1_250, 250)
    assert (ledger.has(DRIVER), ledger.has(DEBT), ledger.has(OWNER)) == (9_000, -250, 1_250)


def test_credit_is_used_up_before_money() -> None:
    ledger = Ledger(held_minor=400)
    more = hold(1, 2, payer=DRIVER, seller=OWNER, amount_minor=4_600, currency="eur", seconds=60)
    ledger.book(more)
    holds = (Held(ledger.held.id, 400), Held(more.id, 4_600))
    ledger.book(*settle(Sale(charge_id=1, currency="eur", holds=holds, gross_minor=1_250, vat_minor=250), PARTIES))
    posted = {str(each): ledger.books.transfers[each].settled_by for each in (ledger.held.id, more.id)}
    assert list(posted.values()) == ["post", "post"]
    assert (ledger.has(DRIVER), ledger.kept()) == (8_750, 0)


def test_a_charge_that_cost_nothing_gives_everything_back() -> None:
    ledger = Ledger()
    ledger.pay(0, 0)
    assert (ledger.has(DRIVER), ledger.has(OWNER), ledger.kept()) == (10_000, 0, 0)


def test_a_force_stop_takes_the_payment_away() -> None:
    ledger = Ledger()
    ledger.book(release(1, ledger.held.id))
    assert (ledger.has(DRIVER), ledger.has(OWNER), ledger.kept()) == (10_000, 0, 0)


def test_an_operator_owes_itself_no_fee() -> None:
    ledger = Ledger()
    own = Parties(
        **{**{name: getattr(PARTIES, name) for name in Parties.__slots__}, "takers": {None: PLATFORM, 7: OWNER}}
    )
    sale = Sale(
        charge_id=1,
        currency="eur",
        holds=(Held(ledger.held.id, 5_000),),
        gross_minor=1_250,
        vat_minor=250,
        fees=fees(1_000, 1_250),
    )
    ledger.book(*settle(sale, own))
    assert ledger.has(OWNER) == 1_225


@given(held=st.integers(1, 10_000), net=st.integers(0, 20_000), energy_wh=st.integers(0, 10**6))
def test_whatever_it_cost_the_books_balance_and_nobody_loses(held: int, net: int, energy_wh: int) -> None:
    ledger, gross = Ledger(held_minor=held), net + net // 4
    ledger.pay(gross, gross - net, fees(net, gross, energy_wh))
    assert sum(ledger.has(each) for each in range(1, 9)) == 0
    assert ledger.has(OWNER) >= 0
    assert ledger.has(DRIVER) + ledger.has(DEBT) == 10_000 - gross
    assert ledger.kept() == 0
