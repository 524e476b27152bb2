"""The control port: people and programs drive emulated charge points over HTTP. JSON, for this machine only.

A bare ASGI application on uvicorn, which is here anyway: a framework would triple the emulator's time to start.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

from wattline.emulator.box import Impossible
from wattline.emulator.fleet import Fleet
from wattline.emulator.interceptor import Rule
from wattline.emulator.station import Station
from wattline.emulator.verbs import VERBS
from wattline.emulator.views import box_view, frame_views

T = TypeVar("T")

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# A page of rules; every verb is far smaller.
BODY_BYTES_MAX = 64 * 1024
# msgspec ends its complaints with where: "- at `$.connector`".
PLACE = re.compile(r" - at `\$\.?(?P<field>[^`]*)`$")


class Wrong(Exception):
    """The request cannot be done; the text says why."""

    def __init__(self, status: int, why: str, field: str | None = None) -> None:
        super().__init__(why)
        self.status = status
        self.field = field


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read whole."""

    method: str
    path: tuple[str, ...]
    query: str
    body: bytes


class ControlPort:
    """The ASGI application over a fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        assert scope["type"] == "http"
        try:
            _must_be_local(dict(scope["headers"]))
            status, answer = 200, self._answer(await _read(scope, receive))
        except Wrong as wrong:
            status, answer = wrong.status, {"error": str(wrong)} | ({"field": wrong.field} if wrong.field else {})
        content = msgspec.json.encode(answer)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else content})

    def _answer(self, request: Request) -> object:
        match request.path:
            case ("health",):
                return _by_method(request, GET=lambda: {"ready": True})
            case ("interceptor",):
                return _by_method(
                    request,
                    GET=lambda: list(self._fleet.interceptor.rules),
                    POST=lambda: self._set_rules(request.body),
                    DELETE=lambda: self._set_rules(b"[]"),
                )
            case ("charge-points",):
                return _by_method(request, GET=lambda: [box_view(s.box) for s in self._fleet.stations.values()])
            case ("charge-points", identity):
                station = self._station(identity)
                return _by_method(request, GET=lambda: box_view(station.box))
            case ("charge-points", identity, "frames"):
                station = self._station(identity)
                return _by_method(request, GET=lambda: frame_views(station, after=_after(request.query)))
            case ("charge-points", identity, verb) if verb in VERBS:
                station = self._station(identity)
                return _by_method(request, POST=lambda: _do(station, verb, request.body))
        raise Wrong(404, f"no such place: /{'/'.join(request.path)}")

    def _station(self, identity: str) -> Station:
        station = self._fleet.stations.get(identity)
        if station is None:
            raise Wrong(404, f"no charge point {identity} is emulated here")
        return station

    def _set_rules(self, body: bytes) -> object:
        self._fleet.interceptor.set_rules(_decoded(partial(msgspec.json.decode, type=list[Rule]), body))
        return list(self._fleet.interceptor.rules)


def _do(station: Station, verb: str, body: bytes) -> object:
    wanted = _decoded(VERBS[verb], body or b"{}")
    try:
        station.do(lambda now: wanted.do(station.box, now))
    except Impossible as impossible:
        raise Wrong(409, str(impossible)) from None
    return box_view(station.box)


def _decoded(decode: Callable[[bytes], T], body: bytes) -> T:
    try:
        return decode(body)
    except msgspec.ValidationError as error:
        place = PLACE.search(str(error))
        raise Wrong(400, PLACE.sub("", str(error)), place["field"] if place else None) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Wrong(400, f"the body is no JSON: {error}") from None


def _by_method(request: Request, **deeds: Callable[[], object]) -> object:
    method = "GET" if request.method == "HEAD" else request.method
    if method not in deeds:
        raise Wrong(405, f"{request.method} is not possible here; {' and '.join(deeds)} is")
    return deeds[method]()


def _after(query: str) -> int:
    given = parse_qs(query).get("after", ["0"])[-1]
    if not (given.isascii() and given.isdigit()):
        raise Wrong(400, "after is the number of a frame", "after")
    return int(given)


def _must_be_local(headers: dict[bytes, bytes]) -> None:
    """Refuse what a page in somebody's browser could send: a foreign name that was pointed at this machine (DNS
    rebinding), or a form of another site."""
    host = urlsplit(f"//{headers.get(b'host', b'').decode('latin-1')}").hostname
    origin = headers.get(b"origin")
    if host not in LOOPBACK:
        raise Wrong(403, "the control port answers only to 127.0.0.1, localhost and [::1]")
    if origin is not None and urlsplit(origin.decode("latin-1")).hostname not in LOOPBACK:
        raise Wrong(403, "the control port does not answer pages of other sites")


async def _read(scope: Scope, receive: Receive) -> Request:
    body = b""
    while True:
        event = await receive()
        body += event.get("body", b"")
        if len(body) > BODY_BYTES_MAX:
            raise Wrong(413, f"a body has at most {BODY_BYTES_MAX} bytes")
        if not event.get("more_body"):
            break
    # The raw path: an identity may hold slashes, percent-encoded.
    raw = scope["raw_path"].decode("latin-1").partition("?")[0]
    path = tuple(unquote(part) for part in raw.split("/") if part)
    return Request(scope["method"], path, scope["query_string"].decode("latin-1"), body)
