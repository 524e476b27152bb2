"""A tenant's wallets with something in them, and requests about them that make sense."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tests.doors.partner_api.story import Stage, Tenant
from wattline.operations.deposits import Deposit, deposit
from wattline.operations.wallets import Wallet, wallet_of


async def make_money(stage: Stage, tenant: Tenant) -> Mapping[str, int]:
    """Fill the team's wallet with 500.00; return ids by the name they have in a path."""
    transaction_id = await fill(stage, tenant, 50_000)
    wallet, operators = await team_wallet(stage, tenant), await operator_wallet(stage, tenant)
    return {"walletId": wallet.id, "transactionId": transaction_id, "operatorWalletId": operators.id}


async def fill(stage: Stage, tenant: Tenant, amount_minor: int, *, credit: bool = False) -> int:
    """Put money into the team's wallet; return the transaction's id."""
    new = Deposit(id=UUID(stage.chance.uuid()), amount_minor=amount_minor, currency="dkk", credit=credit)
    made = await deposit(
        stage.database, "team", tenant.team_id, new, asked_by=tenant.viewer, now=stage.clock()
    )  # fmt: skip
    assert made is not None
    return made


async def team_wallet(stage: Stage, tenant: Tenant) -> Wallet:
    """Return the team's wallet."""
    async with stage.database.begin() as tx:
        return await wallet_of(tx, "team", tenant.team_id, "dkk", now=stage.clock())


async def operator_wallet(stage: Stage, tenant: Tenant) -> Wallet:
    """Return the operator's own wallet."""
    async with stage.database.begin() as tx:
        return await wallet_of(tx, "operator", tenant.viewer.operator_id, "dkk", now=stage.clock())


def money_bodies(ids: Mapping[str, int]) -> dict[str, Any]:
    """Write a body for each operation about money."""
    return {
        "post-operator-adjustment-transaction": {
            "fromWalletId": ids["walletId"], "toWalletId": ids["operatorWalletId"], "amount": 12.5, "note": "Correction"
        },
        "patch-transaction": {"partnerExternalId": "kept nowhere"},
    }  # fmt: skip
