"""Makes PDFs, away from the event loop: Typst lets go of Python's lock while it works, so a thread is enough.

The template and the fonts are read once; a receipt warm takes some milliseconds. The fonts are those inside Typst, none
of the machine's, so that a receipt looks the same everywhere; nothing is ever fetched from anywhere.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Self

import msgspec
import typst
from litestar.datastructures import State

from wattline.documents.receipt_paper import set_out
from wattline.domain.refusals import Refusal
from wattline.queries.receipts import Receipt

TEMPLATES = Path(__file__).parent / "templates"
# At some milliseconds each they are done within a second; who comes then is better off trying again.
WAITING_MAX = 40


class PressBusy(Refusal):
    """Too many want a receipt right now."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self) -> None:
        super().__init__("Too many receipts are being made right now. Try again in a few seconds.")


class Press:
    """One thread that makes PDFs, and a queue that does not grow without end."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="press")
        self._waiting = 0

    @classmethod
    def of(cls, state: State) -> Self:
        """Return that of an app, which begins with the first receipt."""
        if "press" not in state:
            state["press"] = cls()
        press: Self = state["press"]
        return press

    async def receipt(self, receipt: Receipt) -> bytes:
        """Make the PDF of a receipt that is paid for. Raises PressBusy."""
        if self._waiting >= WAITING_MAX:
            raise PressBusy
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, pdf_of, receipt)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let the thread go."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def pdf_of(receipt: Receipt) -> bytes:
    """Set a receipt and return its PDF; the same receipt gives the same bytes. One thread at a time may call it."""
    inputs = {"receipt": msgspec.json.encode(set_out(receipt)).decode()}
    at = receipt.settled_at or receipt.completed_at or receipt.created_at
    return _compiler()("receipt.typ", inputs, at.astimezone(UTC).replace(microsecond=0))


@cache
def _compiler() -> Callable[[str, dict[str, str], datetime], bytes]:
    fonts = typst.Fonts(include_system_fonts=False)
    compiler = typst.Compiler(root=TEMPLATES, font_paths=fonts, ignore_system_fonts=True)

    def compile_(template: str, inputs: dict[str, str], at: datetime) -> bytes:
        pdf = compiler.compile(TEMPLATES / template, format="pdf", sys_inputs=inputs, timestamp=at)
        assert isinstance(pdf, bytes)
        return pdf

    return compile_
