"""The form of a charge key, read and shown."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from litestar import Response

from wattline.domain.refusals import Invalid
from wattline.portal.addresses import moment, written
from wattline.portal.charge_key_words import NETWORKS, TYPES
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.queries.portal_charge_keys import operators_for_keys, people_for_keys
from wattline.queries.portal_places import list_places
from wattline.queries.reference import countries
from wattline.web.formats import Formats

TEXT_MAX = 120
TEXTS = {"name": "Name", "vehicle": "Vehicle", "provider": "Provider"}


def values_of(form: Form, formats: Formats) -> dict[str, Any]:
    """Read what a key may and whose it is. Raises Invalid."""
    for field in TEXTS:
        if len(form[field]) > TEXT_MAX:
            raise Invalid(field, f"must have at most {TEXT_MAX} characters.")
    team_id = form.number("team")
    if team_id is None:
        raise Invalid("team", "choose whose wallet pays.")
    user_id = form.number("member")
    if form["pays"] == "own" and user_id is None:
        raise Invalid("pays", "Choose the member whose wallet pays.")
    return {
        "team_id": team_id,
        "user_id": user_id,
        "own_wallet": form["pays"] == "own",
        "active_until": _until(form["until"], formats),
        "country_ids": sorted(set(form.numbers("countries"))),
        "operator_ids": sorted(set(form.numbers("operators"))),
        **{field: form[field] or None for field in TEXTS},
        **{network: bool(form[network]) for network, *_ in NETWORKS},
    }


def form_of(key: Mapping[str, Any], formats: Formats) -> Form:
    """Fill the form with what is saved."""
    texts = {field: str(key[field] or "") for field in TEXTS}
    texts |= {network: "yes" if key[network] else "" for network, *_ in NETWORKS}
    texts |= {
        "team": str(key["team_id"]), "member": str(key["user_id"] or ""),
        "pays": "own" if key["own_wallet"] else "team", "until": written(key["active_until"], formats)[:16],
    }  # fmt: skip
    lists = {name: [str(each) for each in key[column]] for name, column in (("countries", "country_ids"),
             ("operators", "operator_ids"))}  # fmt: skip
    return Form(texts, lists)


def new_form(**texts: str) -> Form:
    """Begin a form with what most keys have: every network."""
    return Form({"type": "rfid", "pays": "team", **{network: "yes" for network, *_ in NETWORKS}, **texts})


async def form_page(asked: Asked, template: str, form: Form, **values: Any) -> Response[bytes]:
    """Show the form with everything there is to choose from."""
    viewer = asked.session.viewer
    async with asked.database.read() as connection:
        return await asked.page(
            template,
            connection,
            here="charge-keys",
            status=400 if form.problems else 200,
            form=form,
            teams=(await list_places(connection, viewer)).teams,
            people=await people_for_keys(connection, viewer),
            operators=await operators_for_keys(connection, viewer),
            countries=await countries(connection),
            networks=NETWORKS,
            types=TYPES,
            **values,
        )


def _until(text: str, formats: Formats) -> datetime | None:
    if not text:
        return None
    at = moment(text, formats)
    if at is None:
        raise Invalid("until", "is no date and time.")
    return at.astimezone(UTC)
