"""Whose accounts take part in a sale: the seller, takers of fees, the payer's debts, the statement of VAT."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wattline.database.connection import Transaction
from wattline.domain.fees import Fee
from wattline.domain.ledger_accounts import Owner
from wattline.domain.price_terms import PriceTerms
from wattline.domain.settlement import Parties
from wattline.operations.ledger_accounts import account_of, accounts_of
from wattline.operations.wallets import Wallet, wallet_of

PLATFORM = Owner("platform", "fees")


@dataclass(frozen=True, slots=True, kw_only=True)
class Takers:
    """Who takes fees: operators' wallets by their id, and every taker's account, the platform's under None."""

    wallets: Mapping[int, Wallet]
    accounts: Mapping[int | None, int]


async def takers_of(tx: Transaction, fees: Sequence[Fee], currency: str, *, now: datetime) -> Takers:
    """Find the accounts into which the fees of a sale go."""
    operators = {fee.rule.operator_id for fee in fees if fee.rule.operator_id is not None}
    wallets = {each: await wallet_of(tx, "operator", each, currency, now=now) for each in sorted(operators)}
    accounts: dict[int | None, int] = {each: wallet.account_id for each, wallet in wallets.items()}
    if any(fee.rule.operator_id is None for fee in fees):
        accounts[None] = await account_of(tx, PLATFORM, currency, now=now)
    return Takers(wallets=wallets, accounts=accounts)


async def parties_of(
    tx: Transaction, seller: Wallet, takers: Takers, *, debtor: str, terms: PriceTerms, now: datetime
) -> Parties:
    """Gather every account of a sale. `debtor` names who owes what no hold covers."""
    debt = Owner("receivable", debtor)
    due = Owner("vat_due", f"{seller.owner_id}:{(terms.country or '-').lower()}:{terms.vat_percent.normalize():f}")
    contra = Owner("vat_contra", str(seller.owner_id))
    accounts = await accounts_of(tx, [debt, due, contra], terms.currency, now=now)
    return Parties(
        seller=seller.account_id,
        debt=accounts[debt],
        vat_due=accounts[due],
        vat_contra=accounts[contra],
        takers=takers.accounts,
    )
