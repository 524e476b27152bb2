"""The form of a team, read and filled."""

from typing import Any

from wattline.domain.company import checked_ean, checked_purchase_order, checked_vat_number
from wattline.domain.naming import checked_name
from wattline.domain.refusals import Invalid
from wattline.operations.invitations import checked_email
from wattline.operations.teams import NewTeam
from wattline.portal.address_form import address_of
from wattline.portal.forms import Form
from wattline.portal.people_words import PAYMENTS, TEAM_TYPES

CURRENCY_LETTERS = 3
_TEXTS = ("company_name", "company_registration_number")
_NUMBERS = ("vat_number", "ean_number", "purchase_order")
_ADDRESS = ("address1", "zip_code", "city")


def new_team(form: Form) -> NewTeam:
    """Read the form of a new team. Raises Invalid."""
    if form["type"] not in {key for key, *_ in TEAM_TYPES}:
        raise Invalid("type", "choose one.")
    currency = form["currency"].lower()
    if len(currency) != CURRENCY_LETTERS or not currency.isalpha() or not currency.isascii():
        raise Invalid("currency", "is three letters, such as EUR.")
    changes = changes_of(form)
    return NewTeam(
        name=checked_name(form["name"]),
        type=form["type"],
        operator_id=form.number("operator"),
        currency=currency,
        address=address_of(form),
        **{name: changes[name] for name in ("contact_email", "finance_email", "payment_method", *_TEXTS, *_NUMBERS)},
    )


def changes_of(form: Form) -> dict[str, Any]:
    """Read what can be changed later as well. Raises Invalid."""
    if form["payment"] not in dict(PAYMENTS):
        raise Invalid("payment", "choose one.")
    address = address_of(form)
    return {
        "contact_email": _email(form, "contact_email"),
        "finance_email": _email(form, "finance_email"),
        "payment_method": form["payment"],
        "auto_accept": bool(form["auto_accept"]),
        "country_id": address.country_id if address else None,
        "vat_number": checked_vat_number(form["vat_number"]),
        "ean_number": checked_ean(form["ean_number"]),
        "purchase_order": checked_purchase_order(form["purchase_order"]),
        **{name: form[name] or None for name in (*_TEXTS, *_ADDRESS)},
    }


def form_of(team: Any) -> Form:
    """Fill the form with what is saved."""
    names = ("name", "contact_email", "finance_email", *_TEXTS, *_NUMBERS, *_ADDRESS)
    texts = {name: team[name] or "" for name in names}
    auto = {"auto_accept": "yes"} if team["auto_accept"] else {}
    return Form(texts | auto | {"payment": team["payment_method"], "country": str(team["country_id"] or "")})


def _email(form: Form, field: str) -> str | None:
    if not form[field]:
        return None
    try:
        return checked_email(form[field])
    except Invalid as refusal:
        raise Invalid(field, refusal.problem) from None
