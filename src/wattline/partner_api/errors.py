"""What goes wrong, in the language of the Partner API: a status, a body, and never a stack trace."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException

from wattline.domain.hold import FundsMissing
from wattline.domain.refusals import (
    ConnectorBusy,
    Invalid,
    NotAllowed,
    Refusal,
    TokenRefused,
    Unknown,
    WrongCredentials,
)
from wattline.wire.partner.errors import Error
from wattline.wire.partner.shapes import to_json

log = structlog.get_logger()

# Every other refusal is a plain 400: the contract knows no 402, 409 or 422.
STATUS_FOR: Mapping[type[Refusal], HTTPStatus] = MappingProxyType(
    {
        TokenRefused: HTTPStatus.UNAUTHORIZED,
        WrongCredentials: HTTPStatus.UNAUTHORIZED,
        NotAllowed: HTTPStatus.FORBIDDEN,
        Unknown: HTTPStatus.NOT_FOUND,
    }
)

# Python's names of these changed between versions; partners read the text.
_STATUS_TEXTS = {413: "PAYLOAD_TOO_LARGE"}


class BodyTooLarge(Refusal):
    """A body longer than any request of the API can be."""

    code = "PAYLOAD_TOO_LARGE"


class TooManyRequests(Refusal):
    """The credential has used up its requests for this block of time."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self, resets_in_seconds: int) -> None:
        super().__init__(f"The limit of requests is reached. Try again in {resets_in_seconds} s.")
        self.resets_in_seconds = resets_in_seconds


def status_of(refusal: Refusal) -> HTTPStatus:
    """Tell the HTTP status that says a refusal."""
    if isinstance(refusal, TooManyRequests):
        return HTTPStatus.TOO_MANY_REQUESTS
    if isinstance(refusal, BodyTooLarge):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return next((status for kind, status in STATUS_FOR.items() if isinstance(refusal, kind)), HTTPStatus.BAD_REQUEST)


def refusal_body(refusal: Refusal) -> bytes:
    """Write a refusal."""
    return error_body(status_of(refusal), str(refusal), refusal.code, context=_context(refusal))


def error_body(status: int, message: str, error_code: str, *, context: Mapping[str, object] | None = None) -> bytes:
    """Write an error; what happened is said in words that suit programs' makers and end users alike."""
    name = _STATUS_TEXTS.get(status, HTTPStatus(status).name)
    shown = Error(
        status=name,
        message=message,
        error_code=error_code,
        readable_message=message,
        context=dict(context) if context else None,
    )
    return to_json(shown)


def error_answer(status: int, body: bytes, *, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    """Make the answer that carries an error."""
    return Response(body, status_code=status, media_type="application/json", headers=dict(headers or {}))


def answer_exception(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Answer what went wrong outside of any route under /api: unknown paths, other methods, and our own mistakes.

    For the web app's `exception_handlers`, when the path begins with /api/.
    """
    # What no credential is counted for falls under fair use (Partner API 2.6).
    headers = {"request-id": request.app.state.chance.uuid(), "RateLimit-Policy": "Fair-Use"}
    if isinstance(error, MethodNotAllowedException):
        body = error_body(405, f"{request.method} does not go with this path.", "METHOD_NOT_ALLOWED")
        return error_answer(405, body, headers=headers | (error.headers or {}))
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.NOT_FOUND:
        body = error_body(404, "There is nothing at this path.", "RESOURCE_NOT_FOUND")
        return error_answer(404, body, headers=headers)
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        body = error_body(error.status_code, error.detail, "BAD_REQUEST")
        return error_answer(error.status_code, body, headers=headers)
    log.error("partner API failed", path=request.url.path, exc_info=error)
    return error_answer(500, internal_error_body(headers["request-id"]), headers=headers)


def internal_error_body(request_id: str | None = None) -> bytes:
    """Write what partners hear of our own mistakes."""
    message = "Something broke on our side. Try again; if it stays, tell us the request-id."
    context = {"requestId": request_id} if request_id else None
    return error_body(500, message, "INTERNAL_SERVER_ERROR", context=context)


def _context(refusal: Refusal) -> Mapping[str, object] | None:
    if isinstance(refusal, Invalid):
        return {"field": refusal.field}
    if isinstance(refusal, NotAllowed):
        return {"neededScope": refusal.needed}
    if isinstance(refusal, ConnectorBusy):
        return {"chargeId": refusal.charge_id}
    if isinstance(refusal, FundsMissing):
        return {"missingMinor": refusal.missing_minor, "currency": refusal.currency.upper()}
    return None
