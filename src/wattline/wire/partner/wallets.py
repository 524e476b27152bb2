"""Wallets and their transactions, in JSON. Amounts are decimal numbers of the main unit (Partner API 2.8)."""

from typing import Any, Literal, get_args

from msgspec import field

from wattline.wire.partner.charges import Currency
from wattline.wire.partner.shapes import Shape, Time, double, kwh, major

TransactionState = Literal["complete", "pending", "failed", "reserved", "other"]
TransactionGroup = Literal["deposit", "withdraw", "charge", "other"]
ReferenceType = Literal[
    "TEAM", "COMPANY_REFERRAL", "USER_REFERRAL", "ORDER", "SUBSCRIPTION_PURCHASE", "CHARGE", "BANK_ACCOUNT",
    "WALLET_BANK_ACCOUNT", "STRIPE_CHARGE", "SUBSCRIPTION", "TRANSACTION", "PROMO_CODE_USE",
    "TEAM_MEMBER_FEE_PURCHASE", "WALLET", "PAYTER_PAYMENT_SESSION", "ADYEN_PAYMENT", "POWER_BANK_PAYOUT", "OTHER",
]  # fmt: skip
REFERENCE_TYPES = frozenset(get_args(ReferenceType))


class WalletBalance(Shape):
    """What is in a wallet, held parts included. `credit` can be spent, but not withdrawn."""

    amount: float
    credit: float


class Wallet(Shape, kw_only=True):
    """A purse of an operator, a team or a user. Lists have no balance."""

    id: int
    owner_type: str
    owner_id: int
    currency_id: int
    country_id: int
    balance: WalletBalance | None


class TeamOrOperator(Shape, kw_only=True):
    """Who gives or gets: an operator, with name and identifier, or a team, with publicName; the type says which."""

    id: int
    name: str | None = None
    identifier: str | None = None
    partner_id: int | None = None
    vat_number: str | None = None
    public_name: str | None = None
    operator_id: int | None = None


class ChargeMetadata(Shape, kw_only=True):
    """The charge that a transaction is about."""

    id: int
    kwh: float
    type: Literal["charge-metadata"] = "charge-metadata"


class WalletTransaction(Shape, kw_only=True):
    """One movement of money. A complete one never changes again; a refund is a transaction of its own."""

    id: int
    from_amount: float
    from_sub_amount: float
    from_vat_amount: float
    from_currency: Currency
    from_type: str | None
    from_: TeamOrOperator | None = field(name="from")
    from_wallet_id: int | None
    to_amount: float
    to_sub_amount: float
    to_vat_amount: float
    to_currency: Currency
    to_type: str | None
    to: TeamOrOperator | None
    to_wallet_id: int | None
    exchange_rate: float
    created_at: Time
    updated_at: Time | None
    completed_at: Time | None
    reference_id: str | None
    reference_type: ReferenceType | None
    group: TransactionGroup
    kind: str
    vat_percentage: float
    state: TransactionState
    note: str | None
    partner_external_id: str | None = None
    partner_custom_payload: Any = None
    metadata: ChargeMetadata | None


def wallet_of(row: Any, balance: WalletBalance | None = None) -> Wallet:
    """Make a wallet of a row of queries/partner_wallets.py."""
    return Wallet(
        id=row["id"],
        owner_type=row["owner_type"],
        owner_id=row["owner_id"],
        # The contract has no null here; 0 is no currency's and no country's id.
        currency_id=row["currency_id"] or 0,
        country_id=row["owner_country_id"] or 0,
        balance=balance,
    )


def balance_of(amount_minor: int, credit_minor: int, *, decimals: int) -> WalletBalance:
    """Make a balance of minor units."""
    return WalletBalance(amount=_main(amount_minor, decimals), credit=_main(credit_minor, decimals))


def transaction_of(row: Any) -> WalletTransaction:
    """Make a transaction of a row of queries/partner_wallet_transactions.py."""
    giver, taker = _side(row, "from"), _side(row, "to")
    return WalletTransaction(
        id=row["id"],
        **_amounts(row, "from"),
        from_type=row["from_type"] if giver else None,
        from_=giver,
        from_wallet_id=row["from_wallet_id"],
        **_amounts(row, "to"),
        to_type=row["to_type"] if taker else None,
        to=taker,
        to_wallet_id=row["to_wallet_id"],
        exchange_rate=double(row["exchange_rate"]) or 1.0,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        completed_at=row["completed_at"],
        reference_id=row["reference_id"],
        reference_type=row["reference_type"] if row["reference_type"] in REFERENCE_TYPES else "OTHER",
        group=row["group"],
        kind=row["kind"],
        vat_percentage=double(row["vat_percent"]) or 0.0,
        state=row["state"],
        note=row["note"],
        metadata=_metadata(row),
    )


def _side(row: Any, side: str) -> TeamOrOperator | None:
    """Tell who stands on a side. What is a person's own is not told: programs know operators and teams."""
    match row[f"{side}_type"]:
        case "operator":
            return TeamOrOperator(
                id=row[f"{side}_operator_id"],
                name=row[f"{side}_operator_name"],
                identifier=row[f"{side}_operator_identifier"],
                vat_number=row[f"{side}_operator_vat_number"],
            )
        case "team":
            return TeamOrOperator(
                id=row[f"{side}_team_id"],
                public_name=row[f"{side}_team_name"],
                operator_id=row[f"{side}_operator_id"],
            )
    return None


def _amounts(row: Any, side: str) -> dict[str, Any]:
    decimals = 2 if row[f"{side}_currency_decimals"] is None else row[f"{side}_currency_decimals"]
    gross, vat = row[f"{side}_amount_minor"], row[f"{side}_vat_minor"]
    identifier = row[f"{side}_currency"]
    name = row[f"{side}_currency_name"] or identifier.upper()
    return {
        f"{side}_amount": _main(gross, decimals),
        f"{side}_sub_amount": _main(gross - vat, decimals),
        f"{side}_vat_amount": _main(vat, decimals),
        f"{side}_currency": Currency(identifier=identifier.lower(), name=name, decimals=decimals),
    }


def _metadata(row: Any) -> ChargeMetadata | None:
    if row["reference_type"] != "CHARGE" or row["energy_wh"] is None or not row["reference_id"].isdecimal():
        return None
    return ChargeMetadata(id=int(row["reference_id"]), kwh=kwh(row["energy_wh"]) or 0.0)


def _main(minor: int, decimals: int) -> float:
    return major(minor, decimals) or 0.0
