"""Deeds that either work, and lead back to a page, or are refused in words."""

from collections.abc import Awaitable
from typing import Any

from litestar import Response

from wattline.domain.refusals import NotAllowed, Refusal, Unknown
from wattline.portal import outcomes
from wattline.portal.frame import Asked
from wattline.web.pages import go


async def do_and_go(
    asked: Asked, label: str, deed: Awaitable[Any], *, to: str, here: str, back: str = ""
) -> Response[bytes]:
    """Carry out a verb and open `to`; when it is refused, say why, with a way back."""
    try:
        await deed
    except (Unknown, NotAllowed):
        raise
    except Refusal as refusal:
        values: dict[str, Any] = {
            "said": [outcomes.say_refusal(label, refusal)],
            "settings": (),
            "link": "",
            "link_label": "",
        }
        async with asked.database.read() as connection:
            return await asked.page("money_outcome.jinja", connection, here=here, status=400, back=back or to, **values)
    return go(to, asked.request)
