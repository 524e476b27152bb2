"""What a person sees when a page cannot be shown: always what happened and the way on, never a stack trace."""

import secrets
from dataclasses import dataclass, replace
from functools import cache

import asyncpg
import structlog
from jinja2 import Environment
from litestar import Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    PermissionDeniedException,
    ValidationException,
)

from wattline.domain.refusals import NotAllowed, Refusal, Unknown
from wattline.web.pages import PageRequest, answer, environment, theme_of
from wattline.web.session import SessionOver, log_in_and_return

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Said:
    """An error in words."""

    status: int
    heading: str
    sentence: str
    todo: str = ""
    way_out: str = "/"
    way_out_label: str = "To the first page"
    reference: str = ""


NOT_FOUND = Said(
    404,
    "There is nothing here",
    "The address leads to no page, or to something that belongs to another operator.",
    "check the address, or find what you look for by name from the first page.",
)
FORBIDDEN = Said(
    403,
    "That was not let through",
    "What your browser sent did not come from one of our pages as you see them now.",
    "open the page again and repeat what you did. If your role does not allow it, ask your administrator.",
)
# A character or a number that forms hold and PostgreSQL does not, like the character NUL.
NOT_KEPT = "Something in the form has a character that cannot be kept, or is too large. Nothing was changed."
SESSION_OVER = Said(
    401,
    "You were logged out",
    "Your session ended because nobody used it for a while, or because you logged out elsewhere. Nothing was changed.",
    "log in and do it again.",
    "/login",
    "Log in",
)


def page_for(request: PageRequest, error: Exception) -> Response[bytes]:
    """Answer any exception that left a page: the handler for `exception_handlers={Exception: page_for}`."""
    said = _said(error)
    if said is SESSION_OVER:
        said = replace(said, way_out=log_in_and_return(request))
    if isinstance(error, asyncpg.DataError):
        log.warning("value cannot be stored", path=request.url.path, exc_info=error)
    if said.status >= 500:
        log.error("page failed", path=request.url.path, reference=said.reference, exc_info=error)
    template = "error_fragment.jinja" if "hx-request" in request.headers else "error.jinja"
    body = _templates().get_template(template).render(said=said, theme=theme_of(request))
    return answer(request, body, status=said.status)


def _said(error: Exception) -> Said:
    if isinstance(error, SessionOver):
        return SESSION_OVER
    if isinstance(error, (NotFoundException, MethodNotAllowedException, Unknown, ValidationException)):
        return NOT_FOUND
    if isinstance(error, NotAllowed):
        return Said(403, "Your role does not reach this far", str(error))
    if isinstance(error, PermissionDeniedException):
        return FORBIDDEN
    if isinstance(error, Refusal):
        return Said(400, "That cannot be done now", str(error), way_out_label="Back to the first page")
    if isinstance(error, asyncpg.DataError):
        return Said(400, "We could not keep that", NOT_KEPT, "go back, shorten or type it anew, and send it again.")
    if isinstance(error, HTTPException) and error.status_code < 500:
        return Said(error.status_code, "We could not read that", "What your browser sent made no sense to us.")
    return Said(
        500,
        "Something broke on our side",
        "It is not you. What happened was written down; charge points and charges are not touched by it.",
        "try again in a minute.",
        reference=secrets.token_hex(4),
    )


@cache
def _templates() -> Environment:
    return environment()
