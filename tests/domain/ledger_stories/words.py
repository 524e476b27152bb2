"""The words in which stories about the ledger are told; whoever plays them, on rules or on rows, reads the same.

Accounts are colours; "missing" and "absent" were never opened, "beyond" is the largest number. Transfers are numbers;
0 is no id at all, LAST the largest one. `said` is the answer, and *created* where nothing is said.
"""

from dataclasses import dataclass
from uuid import UUID

from wattline.domain.ledger import AMOUNT_MAX, LAST_ID, NO_ID, Code, Kind, Transfer
from wattline.domain.ledger_accounts import AccountRules, Owner

LAST = -1
MOST = AMOUNT_MAX

NEVER_OPENED = {"": 0, "missing": 9_000_008, "absent": 9_000_009, "beyond": AMOUNT_MAX}
RULES = {"": (False, False), "debits": (True, False), "credits": (False, True), "both": (True, True)}


@dataclass(frozen=True, slots=True)
class Opens:
    """Somebody asks for an account."""

    colour: str
    limit: str
    currency: str
    owner: str
    said: str

    def as_owner(self) -> Owner:
        """Say whose it is. Raises Invalid."""
        return Owner(self.owner, self.colour)

    def rules(self) -> AccountRules:
        """Say what it may do. Raises Invalid."""
        return AccountRules(*RULES[self.limit])


@dataclass(frozen=True, slots=True)
class Asks:
    """Somebody asks for a transfer."""

    kind: Kind
    number: int
    hold: int
    debit: str
    credit: str
    amount: int
    currency: str
    code: int
    seconds: int
    about: str | None
    linked: bool
    balancing_debit: bool
    balancing_credit: bool
    closing_debit: bool
    closing_credit: bool
    said: str

    def as_transfer(self, accounts: dict[str, int]) -> Transfer:
        """Say it with ids."""
        return Transfer(
            id_of(self.number),
            account_id(self.debit, accounts),
            account_id(self.credit, accounts),
            self.amount,
            self.currency,
            Code(self.code),
            self.kind,
            pending_id=id_of(self.hold) if self.hold else None,
            timeout_seconds=self.seconds,
            linked=self.linked,
            balancing_debit=self.balancing_debit,
            balancing_credit=self.balancing_credit,
            closing_debit=self.closing_debit,
            closing_credit=self.closing_credit,
            reference=self.about,
        )


@dataclass(frozen=True, slots=True)
class Opening:
    """Accounts asked for, one after the other."""

    asked: tuple[Opens, ...]


@dataclass(frozen=True, slots=True)
class Booking:
    """Transfers asked for at once."""

    asked: tuple[Asks, ...]


@dataclass(frozen=True, slots=True)
class Begins:
    """What an account has before the story: debits pending and posted, credits pending and posted."""

    colour: str
    counters: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Stands:
    """What an account has now."""

    colour: str
    counters: tuple[int, int, int, int]
    closed: bool


@dataclass(frozen=True, slots=True)
class Nobody:
    """There is no such account."""

    colour: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A transfer is in the journal, with this amount if one is told; or it is not there."""

    number: int
    amount: int | None
    there: bool = True


@dataclass(frozen=True, slots=True)
class Later:
    """The ledger's clock moves on, and what is due happens."""

    seconds: int


@dataclass(frozen=True, slots=True)
class NearTheEnd:
    """The ledger's clock stands this long before the last moment it can tell."""

    seconds: int


Step = Opening | Booking | Begins | Stands | Nobody | Kept | Later | NearTheEnd


@dataclass(frozen=True, slots=True)
class Story:
    """One test, told on empty books."""

    title: str
    steps: tuple[Step, ...]

    @property
    def rows(self) -> int:
        """How many answers it tells."""
        return sum(len(step.asked) for step in self.steps if isinstance(step, Opening | Booking))


def id_of(number: int) -> UUID:
    """Make the id of a transfer: of 0 none, of LAST the largest."""
    return NO_ID if number == 0 else LAST_ID if number == LAST else UUID(int=number)


def account_id(colour: str, accounts: dict[str, int]) -> int:
    """Find the id of an account; those that were never opened have one, too."""
    return {"": 0, "missing": 9_000_008, "absent": 9_000_009, "beyond": AMOUNT_MAX}.get(colour) or accounts.get(
        colour, 0
    )


def opens(
    colour: str, *, limit: str = "", currency: str = "eur", owner: str = "adjustment", said: str = "created"
) -> Opens:
    return Opens(colour, limit, currency, owner, said)


def move(
    number: int,
    debit: str,
    credit: str,
    amount: int,
    *,
    of: int = 0,
    currency: str = "eur",
    code: int = 1,
    seconds: int = 0,
    about: str | None = None,
    linked: bool = False,
    balancing_debit: bool = False,
    balancing_credit: bool = False,
    closing_debit: bool = False,
    closing_credit: bool = False,
    said: str = "created",
) -> Asks:
    flags = (linked, balancing_debit, balancing_credit, closing_debit, closing_credit)
    return Asks(Kind.PLAIN, number, of, debit, credit, amount, currency, code, seconds, about, *flags, said)


def hold(
    number: int,
    debit: str,
    credit: str,
    amount: int,
    *,
    of: int = 0,
    currency: str = "eur",
    code: int = 1,
    seconds: int = 0,
    about: str | None = None,
    linked: bool = False,
    balancing_debit: bool = False,
    balancing_credit: bool = False,
    closing_debit: bool = False,
    closing_credit: bool = False,
    said: str = "created",
) -> Asks:
    flags = (linked, balancing_debit, balancing_credit, closing_debit, closing_credit)
    return Asks(Kind.HOLD, number, of, debit, credit, amount, currency, code, seconds, about, *flags, said)


def post(
    number: int,
    of: int,
    debit: str,
    credit: str,
    amount: int,
    *,
    currency: str = "",
    code: int = 0,
    seconds: int = 0,
    about: str | None = None,
    linked: bool = False,
    balancing_debit: bool = False,
    balancing_credit: bool = False,
    said: str = "created",
) -> Asks:
    flags = (linked, balancing_debit, balancing_credit, False, False)
    return Asks(Kind.POST, number, of, debit, credit, amount, currency, code, seconds, about, *flags, said)


def void(
    number: int,
    of: int,
    debit: str,
    credit: str,
    amount: int,
    *,
    currency: str = "",
    code: int = 0,
    seconds: int = 0,
    about: str | None = None,
    linked: bool = False,
    balancing_debit: bool = False,
    balancing_credit: bool = False,
    said: str = "created",
) -> Asks:
    flags = (linked, balancing_debit, balancing_credit, False, False)
    return Asks(Kind.VOID, number, of, debit, credit, amount, currency, code, seconds, about, *flags, said)


def opening(*asked: Opens) -> Opening:
    return Opening(asked)


def booking(*asked: Asks) -> Booking:
    return Booking(asked)


def begins(colour: str, debits_pending: int, debits_posted: int, credits_pending: int, credits_posted: int) -> Begins:
    return Begins(colour, (debits_pending, debits_posted, credits_pending, credits_posted))


def stands(
    colour: str,
    debits_pending: int,
    debits_posted: int,
    credits_pending: int,
    credits_posted: int,
    *,
    closed: bool = False,
) -> Stands:
    return Stands(colour, (debits_pending, debits_posted, credits_pending, credits_posted), closed)


def nobody(colour: str) -> Nobody:
    return Nobody(colour)


def kept(number: int, amount: int | None = None) -> Kept:
    return Kept(number, amount)


def not_kept(number: int) -> Kept:
    return Kept(number, None, there=False)


def later(*, seconds: int) -> Later:
    return Later(seconds)


def just_before_the_end_of_time(*, seconds: int) -> NearTheEnd:
    return NearTheEnd(seconds)
