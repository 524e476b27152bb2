"""The passcode of one's own: set by entering it twice, changed with the old one, set anew by a link from a letter."""

from typing import Any

from litestar import Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from wattline.domain.passcode import FAILURES_TO_LOCK
from wattline.operations.passcode_resets import ask_for_reset, reset_passcode
from wattline.operations.passcodes import set_passcode
from wattline.operations.personal_wallets import own_wallet
from wattline.operations.signed_links import opens
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.wallet_room import tried
from wattline.queries.portal_passcode import passcode_standing
from wattline.web.pages import PageRequest, go, safe_next

BY_FIELD = {"passcode": "first", "passcodeAgain": "second"}


@get("/my-wallet")
async def my_wallet(request: PageRequest) -> Response[bytes]:
    """Lead to one's own wallet."""
    asked = Asked.of(request)
    wallet_id = await own_wallet(asked.database, asked_by=asked.session.viewer, now=asked.session.now)
    return go(f"/wallets/{wallet_id}", request)


@get("/passcode")
async def passcode_page(request: PageRequest, next: FromQuery[str] = "") -> Response[bytes]:
    """Show how it stands, and the form to set or change it."""
    return await _show(Asked.of(request), Form({"next": safe_next(next, "")}))


@post("/passcode", status_code=200)
async def set_own_passcode(request: PageRequest) -> Response[bytes]:
    """Set or change it."""
    asked = Asked.of(request)
    form = await Form.of(request)
    done = await tried(form, _set(asked, form), BY_FIELD)
    if isinstance(done, Form):
        return await _show(asked, done.wrong("old", done.problem("passcode")) if done.problem("passcode") else done)
    return go(safe_next(form["next"], "/passcode?next="), request)


@post("/passcode/reset", status_code=200)
async def ask_for_link(request: PageRequest) -> Response[bytes]:
    """Send the letter."""
    asked = Asked.of(request)
    settings = request.app.state.settings
    form = Form()
    done = await tried(form, ask_for_reset(
        asked.database, asked_by=asked.session.viewer, web_url=settings.web.url, pepper=settings.pepper,
        now=asked.session.now,
    ))  # fmt: skip
    return await (_show(asked, done) if isinstance(done, Form) else _show(asked, form, sent_to=done))


@get("/passcode/reset/{user_id:int}/{stamp:int}")
async def reset_page(
    request: PageRequest, user_id: FromPath[int], stamp: FromPath[int], ends: FromQuery[str] = "",
    signature: FromQuery[str] = "",
) -> Response[bytes]:  # fmt: skip
    """Show the form that the letter's link leads to."""
    asked = Asked.of(request)
    _must_open(asked, user_id)
    return await _show(asked, Form(), reset=_address(request))


@post("/passcode/reset/{user_id:int}/{stamp:int}", status_code=200)
async def do_reset(request: PageRequest, user_id: FromPath[int], stamp: FromPath[int]) -> Response[bytes]:
    """Set a new one without the old one."""
    asked = Asked.of(request)
    _must_open(asked, user_id)
    form = await Form.of(request)
    done = await tried(form, reset_passcode(
        asked.database, stamp, first=form["first"], second=form["second"], asked_by=asked.session.viewer,
        pepper=request.app.state.settings.pepper, now=asked.session.now,
    ), BY_FIELD)  # fmt: skip
    if isinstance(done, Form):
        return await _show(asked, done, reset=_address(request))
    return go("/passcode", request)


async def _set(asked: Asked, form: Form) -> None:
    user_id = asked.session.viewer.user_id
    assert user_id is not None
    await set_passcode(
        asked.database, user_id, first=form["first"], second=form["second"], old=form["old"],
        pepper=asked.request.app.state.settings.pepper, now=asked.session.now,
    )  # fmt: skip


async def _show(asked: Asked, form: Form, **more: Any) -> Response[bytes]:
    async with asked.database.read() as connection:
        standing = await passcode_standing(connection, asked.session.viewer.user_id)
        return await asked.page(
            "passcode.jinja", connection, here="wallets", status=400 if form.problems else 200,
            form=Form({"next": form["next"]}, {}, form.problems), passcode=standing,
            locked=standing is not None and standing.locked(asked.session.now),
            left=FAILURES_TO_LOCK - (standing.failures if standing else 0) % FAILURES_TO_LOCK,
            **({"reset": "", "sent_to": ""} | more),
        )  # fmt: skip


def _address(request: PageRequest) -> str:
    return f"{request.url.path}?{request.url.query}"


def _must_open(asked: Asked, user_id: int) -> None:
    """Open the link only to whom it was sent, logged in."""
    query, state = asked.request.query_params, asked.request.app.state
    good = opens(
        asked.request.url.path, query.get("ends", ""), query.get("signature", ""), pepper=state.settings.pepper,
        now=asked.session.now,
    )  # fmt: skip
    if not good or user_id != asked.session.viewer.user_id:
        raise NotFoundException
