"""Who is looking: the session behind a cookie, and proof that a form is ours."""

import base64
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.datastructures import Cookie
from litestar.exceptions import NotAuthorizedException, NotFoundException, PermissionDeniedException

from wattline.domain.access import Right, Viewer, may, must
from wattline.operations import sessions
from wattline.operations.posts import Post
from wattline.operations.users import User
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest, go, parts_of

COOKIE = "wattline_session"
# Streams all have addresses below this one. What a browser says it accepts does not tell: htmx always adds streams.
STREAMS = "/live/"
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
# The largest id PostgreSQL can keep.
ID_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in, as one request sees them. `csrf` is for this answer's forms.

    `post` is the place where they work just now, of all their `posts`.
    """

    viewer: Viewer
    person: str
    formats: Formats
    now: datetime
    csrf: str
    post: Post | None
    posts: Sequence[Post]
    id: int
    user: User
    proven_at: datetime

    def may(self, right: Right) -> bool:
        """Tell whether to offer what the right lets one do."""
        return may(self.viewer, right)


class SessionOver(NotAuthorizedException):
    """Something was sent after the session ended."""


def session_of(request: PageRequest) -> Session:
    """Return the session that `admit` found for this request."""
    session: Session = request.state["session"]
    return session


async def admit(request: PageRequest) -> Response[bytes] | None:
    """Stand before every page: let in who has a session, send the rest to the log-in, refuse forms that are not ours.

    Then their role must give them the page's right, `opt={"right": …}`; a page that names none opens to nobody.
    Handlers with `opt={"public": True}` are open to all; they still refuse what other sites make a browser send.
    """
    unsafe = request.method not in SAFE_METHODS
    if unsafe:
        refuse_other_sites(request)
    _must_name_what_can_be(request)
    if request.route_handler.opt.get("public"):
        return None
    # A stream goes on by itself: it shows that a page is open, not that somebody is there.
    found = await (_find(request) if _is_stream(request) else _use(request))
    if found is None:
        return _turn_away(request, unsafe=unsafe)
    if unsafe and not matches(await sent_csrf(request), found.csrf_token):
        raise PermissionDeniedException("The form was not made for this session.")
    must(found.viewer, request.route_handler.opt["right"])
    request.state["session"] = _session(found, now=request.app.state.clock())
    return None


def _must_name_what_can_be(request: PageRequest) -> None:
    """Say that nothing is there when the address has an id, or a text, that the database cannot hold."""
    for value in request.path_params.values():
        if (isinstance(value, int) and value > ID_MAX) or "\0" in str(value):
            raise NotFoundException


async def _use(request: PageRequest) -> sessions.Session | None:
    if not (token := request.cookies.get(COOKIE)):
        return None
    return await sessions.use_session(request.app.state.database, token, **_terms(request))


async def _find(request: PageRequest) -> sessions.Session | None:
    if not (token := request.cookies.get(COOKIE)):
        return None
    return await sessions.find_session(request.app.state.database, token, **_terms(request))


def _terms(request: PageRequest) -> dict[str, Any]:
    state = request.app.state
    idle = timedelta(minutes=state.settings.web.session_idle_minutes)
    return {"pepper": state.settings.pepper, "idle": idle, "now": state.clock()}


def _is_stream(request: PageRequest) -> bool:
    return request.url.path.startswith(STREAMS)


def _session(found: sessions.Session, *, now: datetime) -> Session:
    formats = Formats.of(found.user.locale, found.user.time_zone, now=now)
    return Session(
        viewer=found.viewer,
        person=found.user.display_name,
        formats=formats,
        now=now,
        csrf=mask(found.csrf_token),
        post=found.post,
        posts=found.posts,
        id=found.id,
        user=found.user,
        proven_at=found.proven_at,
    )


def _turn_away(request: PageRequest, *, unsafe: bool) -> Response[bytes]:
    if unsafe or _is_stream(request):
        raise SessionOver("The session is over.")
    return go(log_in_and_return(request), request)


def log_in_and_return(request: PageRequest) -> str:
    """Make the address of the log-in that leads back to the page the visitor looks at."""
    came_from = request.headers.get("referer", "/") if request.method not in SAFE_METHODS else str(request.url)
    shown = parts_of(request.headers.get("hx-current-url") or came_from)
    path = shown.path + (f"?{shown.query}" if shown.query else "")
    return "/login" if path == "/" else f"/login?next={quote(path, safe='')}"


def refuse_other_sites(request: PageRequest) -> None:
    """Refuse what another site's page makes a browser send; browsers say where a request comes from."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        raise PermissionDeniedException("This came from another site.")
    origin = request.headers.get("origin")
    if origin is not None and parts_of(origin).netloc != request.headers.get("host"):
        raise PermissionDeniedException("This came from another site.")


async def sent_csrf(request: PageRequest) -> str:
    """Read the token a form or htmx sent."""
    if header := request.headers.get("x-csrf-token"):
        return header
    form: Any = await request.form()
    return str(form.get("csrf", ""))


def new_token() -> str:
    """Make an unguessable token: 32 random bytes."""
    return secrets.token_urlsafe(32)


def mask(token: str) -> str:
    """Hide a token under fresh noise (noise, then noise xor token): the size of a compressed page must not leak it."""
    plain = token.encode()
    noise = secrets.token_bytes(len(plain))
    return base64.urlsafe_b64encode(noise + bytes(a ^ b for a, b in zip(noise, plain, strict=True))).decode()


def matches(masked: str, token: str) -> bool:
    """Tell whether a masked token is this one."""
    try:
        raw = base64.urlsafe_b64decode(masked.encode("ascii"))
    except ValueError:
        return False
    half = len(raw) // 2
    plain = bytes(a ^ b for a, b in zip(raw[:half], raw[half:], strict=False))
    return hmac.compare_digest(plain, token.encode())


def cookie(request: PageRequest, name: str, value: str, *, max_age: int | None) -> Cookie:
    """Make a cookie no script can read and no other site can have sent; only over TLS where the page came over TLS."""
    secure = request.url.scheme == "https"
    return Cookie(key=name, value=value, path="/", httponly=True, samesite="lax", secure=secure, max_age=max_age)


async def still_open(request: PageRequest) -> bool:
    """Tell whether the session of a request that lasts, a stream, still exists."""
    return await _find(request) is not None
