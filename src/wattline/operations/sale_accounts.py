"""Whose accounts take part in a sale: the seller, takers of fees, the payer's debts, the statement of VAT."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Transaction
from wattline.domain.fees import Fee
from wattline.domain.ledger_accounts import Owner
from wattline.domain.price_terms import PriceTerms
from wattline.domain.settlement import Parties
from wattline.operations.ledger_accounts import accounts_of
from wattline.operations.wallets import Wallet, wallets_among, wallets_of

PLATFORM = Owner("platform", "fees")


@dataclass(frozen=True, slots=True)
class Purses:
    """The wallets of a sale: those that were asked for by their id, and those of the fees' takers by operator."""

    by_id: Mapping[int, Wallet]
    takers: Mapping[int, Wallet]


async def purses_of(
    tx: Transaction, wallet_ids: Iterable[int | None], fees: Sequence[Fee], currency: str, *, now: datetime
) -> Purses:
    """Find the wallets of seller and payer, and those into which the fees go, in one question."""
    operators = _operators_of(fees)
    found = await wallets_among(tx, {each for each in wallet_ids if each}, "operator", operators, currency)
    takers = {each.owner_id: each for each in found if each.owner_type == "operator" and each.currency == currency}
    if operators - takers.keys():
        takers.update(await takers_of(tx, fees, currency, now=now))
    return Purses({each.id: each for each in found}, takers)


async def takers_of(tx: Transaction, fees: Sequence[Fee], currency: str, *, now: datetime) -> Mapping[int, Wallet]:
    """Find the operators' wallets into which the fees of a sale go, by operator."""
    return await wallets_of(tx, "operator", _operators_of(fees), currency, now=now)


async def parties_of(
    tx: Transaction, seller: Wallet, takers: Mapping[int, Wallet], *, debtor: str, terms: PriceTerms, now: datetime
) -> Parties:
    """Gather every account of a sale. `debtor` names who owes what no hold covers."""
    debt = Owner("receivable", debtor)
    due = Owner("vat_due", f"{seller.owner_id}:{(terms.country or '-').lower()}:{terms.vat_percent.normalize():f}")
    contra = Owner("vat_contra", str(seller.owner_id))
    accounts = await accounts_of(tx, [debt, due, contra, PLATFORM], terms.currency, now=now)
    return Parties(
        seller=seller.account_id,
        debt=accounts[debt],
        vat_due=accounts[due],
        vat_contra=accounts[contra],
        takers={None: accounts[PLATFORM], **{each: wallet.account_id for each, wallet in takers.items()}},
    )


def _operators_of(fees: Iterable[Fee]) -> set[int]:
    return {fee.rule.operator_id for fee in fees if fee.rule.operator_id is not None}
