"""Identities with a slash (field note H5) in a path: the slash is written %2F, and stays so until its part is read.

A server decodes the whole of a path before routes are looked up, where SITE%2F4 would be two parts. No identity holds a
%2F of its own (domain/identity.py).
"""

from urllib.parse import unquote

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send

ENCODED = "%2F"


def keep_slashes(app: Litestar, *, under: str) -> Litestar:
    """Let an app look its routes up with %2F left in the parts of paths under `under`."""
    answer = app.asgi_handler

    async def keep(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["path"].startswith(under):
            raw = (scope.get("raw_path") or b"").partition(b"?")[0]
            if b"%2f" in raw.lower():
                scope["path"] = "/".join(unquote(part).replace("/", ENCODED) for part in raw.decode("ascii").split("/"))
        await answer(scope, receive, send)

    app.asgi_handler = keep
    return app


def with_slashes(part: str) -> str:
    """Read a part of such a path."""
    return part.replace(ENCODED, "/")
