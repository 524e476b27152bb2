"""Transactions of wallets, and adjustments that operators make."""

from http import HTTPStatus

from wattline.domain.amount import exact_minor
from wattline.domain.refusals import Invalid
from wattline.operations.refunds import Adjustment, adjust
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.partner_api.wallet_transaction_bodies import (
    OperatorAdjustmentTransaction,
    PatchWalletTransaction,
    TransactionQuery,
    adjustment_id,
)
from wattline.queries.partner_wallet_transactions import find_transactions, transaction_by_id, transactions_by_ids
from wattline.queries.partner_wallets import wallet_for
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.wallets import WalletTransaction, transaction_of

wallet_transactions = Group("Wallet transactions")


@wallet_transactions.route("GET", "/wallet-transactions", "get-wallet-transactions", "wallet-transactions:read")
async def get_wallet_transactions(call: Call, query: TransactionQuery) -> Page[WalletTransaction]:
    """List transactions, the newest first. At most 20,000 are counted and shown; use dates to see older ones.

    One charge makes several: the driver pays the owner of the charge point, who pays fees. `referenceType=CHARGE` with
    the charge as `referenceId` finds them all.
    """
    wanted = query.as_filter(operator_id=call.viewer.operator_id)
    async with call.database.read() as connection:
        found = await find_transactions(connection, wanted, query.window, viewer=call.viewer)
        rows = await transactions_by_ids(connection, found.ids)
    return page_of([transaction_of(row) for row in rows], found, query.window)


@wallet_transactions.route(
    "GET", "/wallet-transactions/{transactionId}", "get-wallet-transaction", "wallet-transactions:read"
)
async def get_wallet_transaction(call: Call, transaction_id: int) -> WalletTransaction:
    """Show one transaction. Amounts include VAT; the sub amounts do not."""
    return await _shown(call, transaction_id)


@wallet_transactions.route(
    "POST", "/wallet-transactions/operator-adjustment-transaction", "post-operator-adjustment-transaction",
    "wallet-transaction:write", success=HTTPStatus.CREATED,
)  # fmt: skip
async def post_operator_adjustment(call: Call, body: OperatorAdjustmentTransaction) -> WalletTransaction:
    """Move money between two wallets of the operator and its teams. It answers 400 when there is too little."""
    if body.amount is None:
        raise Invalid("amount", "must be given.")
    async with call.database.read() as connection:
        giver = await wallet_for(connection, body.from_wallet_id, viewer=call.viewer)
    if body.currency_id not in (None, giver["currency_id"]):
        raise Invalid("currencyId", "is not the currency of the wallet that gives.")
    new = Adjustment(
        id=adjustment_id(call.viewer.operator_id, body.partner_external_id or call.chance.uuid()),
        from_wallet_id=body.from_wallet_id,
        to_wallet_id=body.to_wallet_id,
        amount_minor=exact_minor(body.amount, giver["currency_decimals"]),
        note=body.note,
    )
    return await _shown(call, await adjust(call.database, new, asked_by=call.viewer, now=call.now))


@wallet_transactions.route(
    "PATCH", "/wallet-transactions/{transactionId}", "patch-transaction", "transaction:write", deprecated=True
)
async def patch_transaction(call: Call, transaction_id: int, body: PatchWalletTransaction) -> WalletTransaction:
    """Change nothing: transactions carry no notes of partners any more. The answer is the transaction as it is."""
    return await _shown(call, transaction_id)


async def _shown(call: Call, transaction_id: int) -> WalletTransaction:
    async with call.database.read() as connection:
        return transaction_of(await transaction_by_id(connection, transaction_id, viewer=call.viewer))
