"""Who is calling? Identity and password are checked before the socket opens; strangers learn nothing but no.

An unknown identity and a wrong password get the same answer after the same work. Why it was no is kept for the owner.
"""

import hmac
from collections.abc import Callable, Sequence
from datetime import datetime
from http import HTTPStatus

import structlog
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from wattline.database.connection import Database
from wattline.domain.identity import identity_key
from wattline.ocpp.collector import Collector
from wattline.ocpp.patience import will_pass
from wattline.ocpp.quirks.credentials import Credentials, read_basic
from wattline.ocpp.quirks.handshake import choose_subprotocol
from wattline.ocpp.quirks.identities import identity_candidates
from wattline.ocpp.socket import BoxSocket
from wattline.ocpp.spool import Spool
from wattline.ocpp.throttle import Throttle
from wattline.operations.connections import KnownBox, find_boxes
from wattline.operations.handshakes import Reason, RefusedHandshake
from wattline.operations.secrets import box_password_hmac
from wattline.settings import Settings
from wattline.wire.ocpp.deviations import Code, deviation
from wattline.wire.ocpp.versions import V16

log = structlog.get_logger()

# Compared with when there is no such box, so that looking and not finding takes as long as finding.
NOBODYS_HMAC = bytes(32)

IDENTITY_CHARACTERS_KEPT = 120
RETRY_AFTER_SECONDS = 60
LOOKUPS_MAX = 500


class Doorkeeper:
    """Lets boxes in, or says no."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Callable[[], datetime],
        refused: Spool[RefusedHandshake],
    ) -> None:
        self._settings = settings
        self._database = database
        self._clock = clock
        self._refused = refused
        self._throttle = Throttle(settings.ocpp.failures_per_minute)
        # When all boxes come back at once, one question finds many of them.
        self._lookups: Collector[str, KnownBox | None] = Collector(
            self._look_up,
            most=LOOKUPS_MAX,
            wait_seconds=settings.ocpp.collect_milliseconds / 1000,
            patience_seconds=settings.ocpp.patience_seconds,
        )

    async def admit(self, socket: BoxSocket, request: Request) -> Response | None:
        """Decide on a request: None lets it in, with `socket.known` set; a response refuses it."""
        if "websocket" not in header(request, "Upgrade").lower():
            return None  # Not a charge point; the library says what it lacks.
        address = address_of(socket)
        candidates = identity_candidates(request.path)
        identity = candidates[0] if candidates else ""
        now = socket.loop.time()
        if self._throttle.must_wait(identity_key(identity), address, now=now):
            if self._throttle.is_news(identity_key(identity), address, now=now):
                self._keep("throttled", identity, address, None, None)
            return too_many_failures(socket)
        try:
            box = await self._find(candidates)
        except Exception as error:
            if not will_pass(error):
                raise
            return socket.respond(HTTPStatus.SERVICE_UNAVAILABLE, "Try again in a moment.\n")
        credentials = read_basic(header(request, "Authorization"))
        reason = self._objection(socket, box, identity, credentials)
        if reason is not None:
            self._throttle.note_failure(identity_key(identity), address, now=now)
            self._keep(reason, identity, address, box, None)
            return unauthorized(socket)
        assert box is not None
        self._throttle.note_success(identity_key(identity), address)
        if box.identity not in candidates:
            socket.deviations.append(deviation(Code.IDENTITY_SPELLING, sample=identity))
        return self._agree_on_version(socket, request, box, identity, address)

    async def _find(self, candidates: Sequence[str]) -> KnownBox | None:
        """Find the first of these that is registered."""
        # A name of several parts says more than one of them, so whoever has it is meant.
        by_parts = sorted(candidates, key=lambda candidate: -candidate.count("/"))
        keys = list(dict.fromkeys(map(identity_key, by_parts))) or [""]
        return await self._lookups.put(keys, key=object(), then=first_found)

    async def _look_up(self, keys: Sequence[str]) -> Sequence[KnownBox | None]:
        boxes = await find_boxes(self._database, keys)
        return [boxes.get(key) for key in keys]

    def _objection(
        self, socket: BoxSocket, box: KnownBox | None, identity: str, credentials: Credentials | None
    ) -> Reason | None:
        """Say what speaks against this caller. The password is hashed and compared in any case."""
        expected = NOBODYS_HMAC if box is None or box.password_hmac is None else box.password_hmac
        passwords = (
            ()
            if credentials is None
            else credentials.passwords_for(identity if box is None else box.identity, identity)
        )
        matches = [
            hmac.compare_digest(box_password_hmac(password, self._settings.pepper), expected) for password in passwords
        ]
        if box is None:
            return "unknown"
        if box.password_hmac is None:
            return None
        if not any(matches):
            return "password" if passwords else "no-password"
        if credentials is not None:
            socket.deviations += credentials.deviations
        if not matches[0]:
            socket.deviations.append(deviation(Code.PASSWORD_FORM))
        return None

    def _agree_on_version(
        self, socket: BoxSocket, request: Request, box: KnownBox, identity: str, address: str
    ) -> Response | None:
        offered = ", ".join(request.headers.get_all("Sec-WebSocket-Protocol"))
        default = V16.subprotocol if self._settings.ocpp.allow_missing_subprotocol else None
        chosen = choose_subprotocol(offered or None, (V16.subprotocol,), default)
        if chosen is None:
            self._keep("subprotocol", identity, address, box, offered or "none offered")
            return socket.respond(HTTPStatus.BAD_REQUEST, f"Offer the subprotocol {V16.subprotocol}.\n")
        if offered:
            socket.subprotocol_chosen = Subprotocol(chosen)
        else:
            socket.deviations.append(deviation(Code.SUBPROTOCOL_MISSING))
        socket.known = box
        return None

    def _keep(self, reason: Reason, identity: str, address: str, box: KnownBox | None, detail: str | None) -> None:
        shown = identity[:IDENTITY_CHARACTERS_KEPT].replace("\x00", "\ufffd")
        self._refused.put(
            RefusedHandshake(
                at=self._clock(),
                identity=shown,
                identity_key=identity_key(shown),
                address=address,
                reason=reason,
                detail=detail,
                charge_point_id=box.id if box else None,
                operator_id=box.operator_id if box else None,
                team_id=box.team_id if box else None,
            )
        )


def first_found(boxes: Sequence[KnownBox | None]) -> KnownBox | None:
    """Return the first candidate that is registered."""
    return next((box for box in boxes if box is not None), None)


def unauthorized(socket: BoxSocket) -> Response:
    """Say no, and nothing else."""
    response = socket.respond(HTTPStatus.UNAUTHORIZED, "Unknown charge point or wrong password.\n")
    response.headers["WWW-Authenticate"] = 'Basic realm="Wattline", charset="UTF-8"'
    return response


def too_many_failures(socket: BoxSocket) -> Response:
    """Say no unread: it cost neither a look into the database nor a hash."""
    response = socket.respond(HTTPStatus.TOO_MANY_REQUESTS, "Too many failures; wait a minute.\n")
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def header(request: Request, name: str) -> str:
    """Return the first value of a header, or nothing."""
    return next(iter(request.headers.get_all(name)), "")


def address_of(socket: BoxSocket) -> str:
    """Return the caller's IP address."""
    peer = socket.remote_address
    return str(peer[0]) if isinstance(peer, tuple) else "local"
