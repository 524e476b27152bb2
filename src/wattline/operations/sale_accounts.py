"""Whose accounts take part in a sale: the seller, takers of fees, the payer's debts, the statement of VAT."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from wattline.database.connection import Transaction
from wattline.domain.fees import Fee
from wattline.domain.ledger_accounts import Owner
from wattline.domain.price_terms import PriceTerms
from wattline.domain.settlement import Parties
from wattline.operations.ledger_accounts import accounts_of
from wattline.operations.wallets import Wallet, wallets_of

PLATFORM = Owner("platform", "fees")


async def takers_of(tx: Transaction, fees: Sequence[Fee], currency: str, *, now: datetime) -> Mapping[int, Wallet]:
    """Find the operators' wallets into which the fees of a sale go, by operator."""
    operators = {fee.rule.operator_id for fee in fees if fee.rule.operator_id is not None}
    return await wallets_of(tx, "operator", operators, currency, now=now)


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
