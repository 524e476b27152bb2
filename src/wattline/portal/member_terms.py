"""The form of what a member or a group may do, read and filled."""

from typing import Any

from wattline.domain.member import WalletUse
from wattline.domain.member_terms import ROLES, Terms
from wattline.domain.refusals import Invalid
from wattline.domain.roles import Switch
from wattline.portal.forms import Form

# The names that verbs know fields by, and those of our forms.
_FIELDS = {"priceGroupId": "price", "costGroupId": "price", "chargePointIds": "points", "role": "role"}


def terms_of(form: Form) -> Terms:
    """Read the form. Raises Invalid."""
    if form["role"] not in ROLES:
        raise Invalid("role", "choose one.")
    return Terms(
        role=form["role"],
        switches=frozenset(switch for switch in Switch if form[switch]),
        wallet_use=wallet_use_of(form),
        country_ids=tuple(form.numbers("countries")),
        connector_ids=tuple(form.numbers("points")) if form["access"] == "selected" else None,
        price_group_id=form.number("price"),
    )


def wallet_use_of(form: Form) -> WalletUse:
    """Read where the team pays; nowhere when paying is switched off. Raises Invalid."""
    if not form[Switch.PAY_WITH_TEAM_WALLET]:
        return WalletUse.NONE
    try:
        return WalletUse(form["wallet_use"] or "team")
    except ValueError:
        raise Invalid("wallet_use", "choose one.") from None


def form_of(row: Any) -> Form:
    """Fill the form with what is saved."""
    texts: dict[str, str] = {
        "role": row["role"], "price": str(row["price_group_id"] or ""), "wallet_use": row["wallet_use"],
        "access": row.get("access", "all"), "note": row.get("note") or "", "name": row["name"] or "",
        "description": row.get("description") or "", "group": str(row.get("member_group_id") or ""),
        **{str(switch): "yes" for switch in Switch if row[switch.column]},
    }  # fmt: skip
    lists = {
        "points": [str(each) for each in row.get("connector_ids", ())],
        "countries": [str(each) for each in row["country_ids"]],
    }
    return Form(texts, lists)


def refused(form: Form, refusal: Invalid) -> Form:
    """Show what a verb refused at the field it is about."""
    return form.wrong(_FIELDS.get(refusal.field, refusal.field), refusal.problem)
