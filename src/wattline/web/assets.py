"""The files browsers load: read once, compressed once, and kept for a year under an address that changes with them."""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from litestar import Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from markupsafe import Markup

STATIC = Path(__file__).parent / "static"
ICONS = STATIC / "vendor" / "icons"

# Fonts and pictures are compressed already; below this size a gzip header costs more than it saves.
COMPRESSED_ENDINGS = {".css", ".js", ".svg", ".json"}
WORTH_COMPRESSING_BYTES = 512
TYPES = {".woff2": "font/woff2", ".js": "text/javascript"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it goes over the wire: plain, and gzipped where that helps."""

    media_type: str
    plain: bytes
    gzipped: bytes | None


@cache
def edition() -> str:
    """Name the present contents of all files: part of every address, so a changed file is never taken from a cache."""
    digest = hashlib.sha256()
    for file in sorted(STATIC.rglob("*")):
        if file.is_file():
            digest.update(file.relative_to(STATIC).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:12]


def address(path: str) -> str:
    """Return where a browser finds the file at `path` below the static folder."""
    assert path in _paths(), f"no such file in web/static: {path}"
    return f"/static/{edition()}/{path}"


@cache
def icon(name: str, css: str = "") -> Markup:
    """Inline one vendored Tabler outline icon; decorative, so hidden from screen readers."""
    lines = (ICONS / f"{name}.svg").read_text().split(">", 1)[1].rsplit("</svg>", 1)[0]
    shapes = lines.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "")
    return Markup(  # noqa: S704  vendored files only, checked by their SHA-256
        f'<svg class="i{" " + css if css else ""}" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        f' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{"".join(shapes.split(chr(10)))}</svg>'
    )


@cache
def _paths() -> frozenset[str]:
    return frozenset(file.relative_to(STATIC).as_posix() for file in STATIC.rglob("*") if file.is_file())


@cache
def _asset(path: str) -> Asset | None:
    # A look-up among known names, not a path on the disk: nothing outside the folder can be asked for.
    if path not in _paths():
        return None
    file = STATIC / path
    plain = file.read_bytes()
    squeeze = file.suffix in COMPRESSED_ENDINGS and len(plain) >= WORTH_COMPRESSING_BYTES
    media_type = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return Asset(media_type, plain, gzip.compress(plain, 9, mtime=0) if squeeze else None)


@get("/static/{asked_edition:str}/{path:path}", include_in_schema=False, sync_to_thread=False)
def static_file(
    asked_edition: FromPath[str], path: FromPath[str], request: Request[Any, Any, State]
) -> Response[bytes]:
    """Hand out one file; for a year when its address names the present edition, briefly otherwise."""
    asset = _asset(path.lstrip("/"))
    if asset is None:
        raise NotFoundException
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if asked_edition == edition() else "no-cache",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if asset.gzipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        return Response(asset.gzipped, media_type=asset.media_type, headers=headers | {"Content-Encoding": "gzip"})
    return Response(asset.plain, media_type=asset.media_type, headers=headers)
