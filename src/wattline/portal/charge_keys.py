"""Charge keys: the list, the same as a file, the page of one, changing, blocking and reporting it lost."""

import csv
import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from wattline.domain.access import Right
from wattline.domain.refusals import AlreadyTaken, Invalid
from wattline.operations import charge_keys as verbs
from wattline.portal.addresses import number
from wattline.portal.charge_key_form import form_of, form_page, new_form, values_of
from wattline.portal.charge_key_words import STATES, bounds_words, name_of, payer_words, state_of
from wattline.portal.export import cell
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.simple_deeds import do_and_go
from wattline.queries.portal_charge_keys import KeyWish, charge_key_page, list_charge_keys, readers
from wattline.queries.portal_places import list_places
from wattline.web.formats import Formats
from wattline.web.pages import HEADERS, PageRequest, go

ROOM = "/charge-keys"
# More rows than this open in no spreadsheet.
ROWS_MAX = 100_000
COLUMNS = (
    "id", "identifier", "type", "name", "state", "team", "member", "vehicle", "provider", "pays", "our_network",
    "operator_network", "roaming", "countries", "operators", "active_until", "blocked_since", "lost_since",
    "last_tapped", "added", "external_id",
)  # fmt: skip
DEEDS = {
    "block": ("Block", verbs.block_charge_key),
    "unblock": ("Unblock", verbs.unblock_charge_key),
    "lost": ("Report it lost", verbs.report_lost),
    "delete": ("Delete", verbs.delete_charge_key),
}


@get(ROOM)
async def charge_keys_page(request: PageRequest) -> Response[bytes]:
    """List the keys."""
    asked = Asked.of(request)
    wish = wish_of(request.query_params)
    async with asked.database.read() as connection:
        found = await list_charge_keys(connection, asked.session.viewer, wish, now=asked.session.now)
        shown = [(key, STATES[state_of(key, asked.session.now)], bounds_words(key)) for key in found[: wish.limit]]
        kept = kept_of(wish)
        older = f"{ROOM}?{urlencode(kept | {'before': found[wish.limit - 1]['id']})}" if len(found) > wish.limit else ""
        return await asked.page(
            "charge_keys.jinja", connection, here="charge-keys", keys=shown, wish=wish, kept=kept, older=older,
            states=STATES, file=f"{ROOM}.csv?{urlencode(kept)}", name_of=name_of,
            teams=(await list_places(connection, asked.session.viewer)).teams,
            may_manage=asked.session.may(Right.MANAGE_CHARGE_KEYS),
        )  # fmt: skip


@get(f"{ROOM}.csv")
async def charge_keys_csv(request: PageRequest) -> Response[bytes]:
    """Hand out the keys that the page's filters choose."""
    asked = Asked.of(request)
    wish = wish_of(request.query_params, limit=ROWS_MAX)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    async with asked.database.read() as connection:
        for key in await list_charge_keys(connection, asked.session.viewer, wish, now=asked.session.now):
            writer.writerow([cell(value, asked.session.formats) for value in _cells(key, asked.session.formats)])
    headers = dict(HEADERS) | {"Content-Disposition": 'attachment; filename="charge-keys.csv"'}
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv", headers=headers)


@get(f"{ROOM}/{{charge_key_id:int}}")
async def charge_key_shown(request: PageRequest, charge_key_id: FromPath[int]) -> Response[bytes]:
    """Show a key."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        key = await charge_key_page(connection, asked.session.viewer, charge_key_id)
    return await _key_page(asked, key, form_of(dict(key), asked.session.formats))


@get(f"{ROOM}/new")
async def new_charge_key_page(request: PageRequest) -> Response[bytes]:
    """Ask for a new key: typed, or learned at a reader."""
    asked, query = Asked.of(request), request.query_params
    texts = {
        "identifier": query.get("identifier", "")[:100],
        "type": "vehicleId" if query.get("type") == "vehicleId" else "rfid",
        "team": query.get("team", "")[:20],
    }
    return await _new_page(asked, new_form(**texts))


@post(f"{ROOM}/new", status_code=200)
async def add_charge_key(request: PageRequest) -> Response[bytes]:
    """Add the key."""
    asked, form = Asked.of(request), await Form.of(request)
    settings = request.app.state.settings
    try:
        new = verbs.NewChargeKey(
            type="vehicleId" if form["type"] == "vehicleId" else "rfid",
            identifier=form["identifier"],
            **values_of(form, asked.session.formats),
        )
        made = await verbs.add_charge_key(
            asked.database, new, asked_by=asked.session.viewer, lengths=settings.charging.key_lengths,
            now=asked.session.now,
        )  # fmt: skip
    except Invalid as refusal:
        return await _new_page(asked, form.refused(refusal))
    except AlreadyTaken as refusal:
        return await _new_page(asked, form.wrong("identifier", str(refusal)))
    return go(f"{ROOM}/{made}", request)


@post(f"{ROOM}/{{charge_key_id:int}}", status_code=200)
async def change_charge_key(request: PageRequest, charge_key_id: FromPath[int]) -> Response[bytes]:
    """Save whose a key is and where it charges."""
    asked, form = Asked.of(request), await Form.of(request)
    async with asked.database.read() as connection:
        key = await charge_key_page(connection, asked.session.viewer, charge_key_id)
    try:
        await verbs.edit_charge_key(
            asked.database, charge_key_id, values_of(form, asked.session.formats), asked_by=asked.session.viewer,
            now=asked.session.now,
        )  # fmt: skip
    except Invalid as refusal:
        return await _key_page(asked, key, form.refused(refusal))
    return go(f"{ROOM}/{charge_key_id}", request)


@post(f"{ROOM}/{{charge_key_id:int}}/{{deed:str}}", status_code=200)
async def do_to_charge_key(request: PageRequest, charge_key_id: FromPath[int], deed: FromPath[str]) -> Response[bytes]:
    """Block a key, unblock it, report it lost or delete it."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        await charge_key_page(connection, asked.session.viewer, charge_key_id)
    if deed not in DEEDS:
        raise NotFoundException
    label, verb = DEEDS[deed]
    done = verb(asked.database, charge_key_id, asked_by=asked.session.viewer, now=asked.session.now)
    to = ROOM if deed == "delete" else f"{ROOM}/{charge_key_id}"
    return await do_and_go(asked, label, done, to=to, here="charge-keys")


def wish_of(query: Mapping[str, str], **more: Any) -> KeyWish:
    """Read from an address which keys are meant; what makes no sense counts as not said."""
    return KeyWish(
        text=query.get("q", "")[:100].strip(),
        team_id=number(query.get("team")),
        state=query["state"] if query.get("state") in STATES else "",
        before=number(query.get("before")),
        **more,
    )


def kept_of(wish: KeyWish) -> dict[str, str]:
    """Write the wish into an address."""
    return {"q": wish.text, "team": str(wish.team_id or ""), "state": wish.state}


def _cells(key: Any, formats: Formats) -> list[object]:
    return [
        key["id"], key["identifier"], key["type"], key["name"], state_of(key, formats.now), key["team"], key["member"],
        key["vehicle"], key["provider"], payer_words(key), key["own_network"], key["operator_network"],
        key["roaming_network"], ", ".join(key["countries"]), ", ".join(key["operators"]), key["active_until"],
        key["blocked_at"], key["lost_at"], key["scanned_at"], key["created_at"], key["partner_external_id"],
    ]  # fmt: skip


async def _key_page(asked: Asked, key: Any, form: Form) -> Response[bytes]:
    return await form_page(
        asked, "charge_key.jinja", form, key=key, state=STATES[state_of(key, asked.session.now)], name=name_of(key),
        pays=payer_words(key), may_manage=asked.session.may(Right.MANAGE_CHARGE_KEYS),
        may_see_log=asked.session.may(Right.SEE_AUDIT_LOG),
    )  # fmt: skip


async def _new_page(asked: Asked, form: Form) -> Response[bytes]:
    async with asked.database.read() as connection:
        found = await readers(connection, asked.session.viewer)
    return await form_page(asked, "charge_key_new.jinja", form, readers=found)
