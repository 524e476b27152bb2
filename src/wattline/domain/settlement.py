"""How a finished charge is paid: one linked chain of transfers, all or nothing.

The driver's hold becomes the sale, as far as it goes; what the charge cost beyond it becomes a debt, and nothing else
makes debts. The seller pays the fees out of the sale. Purses hold what was paid, VAT included; beside them the chain
keeps a statement of the VAT that the seller owes (decision 0010).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from wattline.domain.fees import Fee
from wattline.domain.ledger import Code, Kind, Transfer

# The ledger drops a transfer whose id it knows: ids follow from the charge, so that nothing is paid twice.
_IDS = UUID("6f9c3a52-0f0e-4c0f-8a3f-6c1d6a1f7b57")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """The ledger accounts that take part. `takers` has those of operators by their id, the platform's under None."""

    seller: int
    debt: int
    vat_due: int
    vat_contra: int
    takers: Mapping[int | None, int]


@dataclass(frozen=True, slots=True)
class Held:
    """Money kept aside for a charge. `account_id` is whose it is; 0 lets the ledger look that up."""

    id: UUID
    amount_minor: int
    account_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What is to be settled, in minor units of `currency`. Holds are used up in their order: credit before money."""

    charge_id: int
    currency: str
    holds: tuple[Held, ...]
    gross_minor: int
    vat_minor: int
    fees: tuple[Fee, ...] = ()

    @property
    def owed_minor(self) -> int:
        """What the holds do not cover."""
        return max(0, self.gross_minor - sum(each.amount_minor for each in self.holds))


def transfer_id(charge_id: int, what: str) -> UUID:
    """Name a transfer of a charge: always the same id for the same thing."""
    return uuid5(_IDS, f"charge:{charge_id}:{what}")


def hold(
    charge_id: int, number: int, *, payer: int, seller: int, amount_minor: int, currency: str, seconds: int
) -> Transfer:
    """Keep money aside before a charge begins; `number` tells several holds of one charge apart."""
    return Transfer(
        id=transfer_id(charge_id, f"hold:{number}"),
        debit=payer,
        credit=seller,
        amount_minor=amount_minor,
        currency=currency,
        code=Code.SALE,
        kind=Kind.HOLD,
        timeout_seconds=seconds,
        reference=f"charge:{charge_id}",
    )


def release(charge_id: int, hold_id: UUID) -> Transfer:
    """Give all of it back: the charge failed, was free in the end, or was stopped by force."""
    return Transfer(
        id=transfer_id(charge_id, f"release:{hold_id}"),
        debit=0,
        credit=0,
        amount_minor=0,
        currency="",
        code=Code.NONE,
        kind=Kind.VOID,
        pending_id=hold_id,
    )


def uncollected(charge_id: int, *, debt: int, provider: int, amount_minor: int, currency: str) -> Transfer:
    """Write down that a card's bank did not pay what was sold: the seller keeps the sale, the driver owes it."""
    return Transfer(
        id=transfer_id(charge_id, "uncollected"),
        debit=debt,
        credit=provider,
        amount_minor=amount_minor,
        currency=currency,
        code=Code.RECEIVABLE,
        reference=f"charge:{charge_id}",
    )


def settle(sale: Sale, parties: Parties) -> tuple[Transfer, ...]:
    """Write the chain that pays for a charge; empty when there is nothing to pay and nothing was held."""
    chain = [*_paid(sale, parties), *_fees(sale, parties), *_vat(sale, parties)]
    return tuple(replace(transfer, linked=number < len(chain)) for number, transfer in enumerate(chain, start=1))


def _paid(sale: Sale, parties: Parties) -> Iterator[Transfer]:
    left_minor = sale.gross_minor
    for held in sale.holds:
        taken_minor = min(left_minor, held.amount_minor)
        yield _post(sale, parties, held, taken_minor) if taken_minor else release(sale.charge_id, held.id)
        left_minor -= taken_minor
    if left_minor:
        yield _plain(sale, "debt", Code.RECEIVABLE, parties.debt, parties.seller, left_minor)


def _post(sale: Sale, parties: Parties, held: Held, amount_minor: int) -> Transfer:
    return Transfer(
        id=transfer_id(sale.charge_id, f"sale:{held.id}"),
        debit=held.account_id,
        credit=parties.seller if held.account_id else 0,
        amount_minor=amount_minor,
        currency="",
        code=Code.NONE,
        kind=Kind.POST,
        pending_id=held.id,
    )


def _fees(sale: Sale, parties: Parties) -> Iterator[Transfer]:
    for number, fee in enumerate(sale.fees):
        taker = fee.rule.operator_id
        code = Code.PLATFORM_FEE if taker is None else Code.OPERATOR_FEE
        for what, why, amount_minor in (("fee", code, fee.net_minor), ("fee-vat", Code.FEE_VAT, fee.vat_minor)):
            # An operator that sells at its own charge points owes itself nothing.
            if amount_minor and parties.takers[taker] != parties.seller:
                yield _plain(sale, f"{what}:{number}", why, parties.seller, parties.takers[taker], amount_minor)


def _vat(sale: Sale, parties: Parties) -> Iterator[Transfer]:
    if sale.vat_minor:
        yield _plain(sale, "vat", Code.VAT, parties.vat_contra, parties.vat_due, sale.vat_minor)


def _plain(sale: Sale, what: str, code: Code, debit: int, credit: int, amount_minor: int) -> Transfer:
    return Transfer(
        id=transfer_id(sale.charge_id, what),
        debit=debit,
        credit=credit,
        amount_minor=amount_minor,
        currency=sale.currency,
        code=code,
        reference=f"charge:{sale.charge_id}",
    )
