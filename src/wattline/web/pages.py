"""Templates and the answers made of them. Every page leaves through here, so every page has the security headers."""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response
from litestar.datastructures import State

from wattline.web import assets

TEMPLATES = Path(__file__).parent / "templates"

# No inline script, no inline style, nothing from elsewhere: what an injected name could do is show odd text.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
WORTH_COMPRESSING_BYTES = 1024

PageRequest = Request[Any, Any, State]


@dataclass(frozen=True, slots=True)
class Room:
    """One entry of the navigation; a count of None means this room never counts anything."""

    key: str
    href: str
    icon: str
    label: str
    count: int | None = None
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a page: whose network, who is looking, which rooms there are, and the token of its forms.

    `post` is the key of the place where they work just now; `posts` has key, name, role and whether it is a main
    account, for each place where they could. `logo` is the name of the operator's picture, `colour` is #rrggbb.
    """

    operator: str
    person: str
    csrf: str
    rooms: list[tuple[str, list[Room]]]
    post: str = ""
    posts: Sequence[tuple[str, str, str, bool]] = ()
    logo: str = ""
    colour: str = ""


def environment(*folders: Path) -> Environment:
    """Make the template environment of a door: its own folders first, then what all pages share."""
    made = Environment(
        loader=FileSystemLoader([*folders, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["icon"] = assets.icon
    made.globals["asset"] = assets.address
    return made


def theme_of(request: PageRequest) -> str:
    """Read the theme the viewer picked: light, dark, or auto for the system's."""
    wish = request.cookies.get("wattline_theme", "auto")
    return wish if wish in {"light", "dark"} else "auto"


def answer(
    request: PageRequest, body: str, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response[bytes]:
    """Send HTML, gzipped for whoever takes that."""
    content = body.encode()
    sent = dict(HEADERS) | {"Vary": "Accept-Encoding, Cookie"} | dict(headers or {})
    if len(content) >= WORTH_COMPRESSING_BYTES and "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, 5, mtime=0)
        sent["Content-Encoding"] = "gzip"
    return Response(content, status_code=status, media_type="text/html", headers=sent)


def go(to: str, request: PageRequest) -> Response[bytes]:
    """Send the browser to another page, after a form or because the session is over; htmx needs it said its own way."""
    if "hx-request" in request.headers:
        return Response(b"", status_code=200, media_type="text/html", headers=dict(HEADERS) | {"HX-Redirect": to})
    return Response(b"", status_code=303, media_type="text/html", headers=dict(HEADERS) | {"Location": to})


def safe_next(wish: str | None, otherwise: str = "/") -> str:
    """Keep a `next` address only when it stays on this site: a path, no scheme, no host, no tricks."""
    if not wish or not wish.startswith("/") or wish.startswith("//"):
        return otherwise
    # Browsers read a backslash as a slash and drop control characters, so "/\evil" would leave the site.
    if "\\" in wish or any(ord(letter) < 0x20 or ord(letter) == 0x7F for letter in wish):
        return otherwise
    return wish


def parts_of(address: str) -> SplitResult:
    """Take an address apart that somebody sent; the parts of one that makes no sense are all empty."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")
