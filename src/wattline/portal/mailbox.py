"""The mailbox: letters to people, whether they left or are kept here because no mail server is set."""

import re
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from litestar import Response, get

from wattline.portal.addresses import moment, number
from wattline.portal.frame import Asked
from wattline.queries.portal_mail import LetterLine, list_letters
from wattline.web.formats import Formats
from wattline.web.pages import PageRequest

# Links that let in whoever opens them. Where letters really leave, they are for their reader alone.
LINKS = re.compile(r"(\?ticket=|/invitations/)\S+")


@dataclass(frozen=True, slots=True)
class LetterState:
    """How a letter stands: glyph, word, and why."""

    glyph: str
    word: str
    why: str


def state_of(letter: LetterLine, formats: Formats, *, has_server: bool) -> LetterState:
    """Say whether a letter left."""
    if letter.sent_at is not None:
        return LetterState("complete", "Sent", str(formats.when(letter.sent_at)))
    if not has_server:
        return LetterState("reserved", "Kept here", "")
    if letter.due_at is not None:
        return LetterState("pending", "Waiting", "is tried again" if letter.attempts else "")
    return LetterState("failed", "Not sent", letter.failure or "")


def shown(letter: LetterLine, *, has_server: bool) -> LetterLine:
    """Blot out the links of a letter that goes to its reader; kept here, they are the only way to use them."""
    return replace(letter, text_body=LINKS.sub(r"\1…", letter.text_body)) if has_server else letter


@get("/mailbox")
async def mailbox_page(request: PageRequest) -> Response[bytes]:
    """Show the letters."""
    asked = Asked.of(request)
    formats, query = asked.session.formats, request.query_params
    text = query.get("q", "")[:100].strip()
    at, _, letter_id = query.get("before", "").partition("_")
    before_at, before_id = moment(at, formats), number(letter_id)
    before = (before_at, before_id) if before_at is not None and before_id is not None else None
    has_server = request.app.state.settings.mail.host is not None
    async with asked.database.read() as connection:
        found = await list_letters(connection, asked.session.viewer, text=text, before=before)
        last = found.letters[-1] if found.more else None
        older = {"q": text, "before": f"{last.created_at.isoformat()}_{last.id}"} if last else {}
        return await asked.page(
            "mailbox.jinja",
            connection,
            here="mailbox",
            letters=[
                (shown(letter, has_server=has_server), state_of(letter, formats, has_server=has_server))
                for letter in found.letters
            ],
            has_server=has_server,
            q=text,
            older=f"/mailbox?{urlencode(older)}" if older else "",
        )
