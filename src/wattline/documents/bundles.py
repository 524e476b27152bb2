"""Puts the receipts of a period together: pieces for the worker, and the ZIP file that is packed while it is sent."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import RawIOBase
from typing import IO, Any, cast
from zipfile import ZipFile, ZipInfo

import typst

from wattline.database.connection import Database
from wattline.documents.press import Press
from wattline.domain.refusals import Unknown
from wattline.operations.mails import Letter
from wattline.operations.receipt_bundles import (
    Bundle,
    Part,
    charges_to_do,
    claim_bundle,
    finish_bundle,
    keep_parts,
)
from wattline.operations.signed_links import signed
from wattline.queries.receipt_bundles import charges_in, part_of
from wattline.queries.receipts import Receipt, receipts_of

# What most mail servers take, Base64 included; a larger file is fetched by its link.
ATTACHED_BYTES_MAX = 6_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Bindery:
    """What making a bundle takes. `web_url` is where its link leads."""

    database: Database
    press: Press
    pepper: bytes
    web_url: str

    async def step(self, *, now: datetime) -> bool:
        """Make the next few receipts of a bundle, or finish it. False when there is nothing to do."""
        bundle = await claim_bundle(self.database, now=now)
        if bundle is None:
            return False
        async with self.database.read() as connection:
            charge_ids = await charges_to_do(connection, bundle)
            receipts = await receipts_of(connection, charge_ids)
        if not charge_ids:
            await self._finish(bundle, now)
            return True
        parts, trouble = await self._make(receipts)
        await keep_parts(self.database, bundle, charge_ids, parts, trouble, now=now)
        return True

    async def _make(self, receipts: Sequence[Receipt]) -> tuple[list[Part], str]:
        parts, trouble = [], []
        for receipt in receipts:
            try:
                content = await self.press.receipt(receipt)
            except typst.TypstError as error:
                # One that cannot be set must not keep all others from their owner.
                trouble.append(f"{receipt.human_readable_id}: {error}")
            else:
                parts.append(Part(receipt.charge_id, _name(receipt), content))
        return parts, "; ".join(trouble)

    async def _finish(self, bundle: Bundle, now: datetime) -> None:
        attached = await self._whole(bundle) if bundle.bytes <= ATTACHED_BYTES_MAX else None
        link = self.web_url + signed(f"/receipts/bundles/{bundle.id}", pepper=self.pepper, now=now)
        await finish_bundle(self.database, bundle, letter_about(bundle, link, attached), now=now)

    async def _whole(self, bundle: Bundle) -> bytes:
        async with self.database.read() as connection:
            rows = await connection.fetch(
                "select name, content from receipt_bundle_part where bundle_id = $1 order by charge_id", bundle.id
            )
        pipe = _Pipe()
        with ZipFile(cast("IO[bytes]", pipe), "w") as packed:
            for row in rows:
                packed.writestr(ZipInfo(row["name"]), row["content"])
        return pipe.taken()


def letter_about(bundle: Bundle, link: str, attached: bytes | None) -> Letter:
    """Write the letter that brings a bundle, or its link."""
    period = f"{bundle.from_at:%Y-%m-%d} to {bundle.until_at:%Y-%m-%d}"
    missing = bundle.receipts - bundle.made
    text = [
        f"Here are the {bundle.made} receipts of wallet {bundle.wallet_id}, {period}.",
        "They are attached, and here for two weeks:" if attached else "Fetch them here within two weeks:",
        link,
    ]
    if missing > 0:
        text.append(f"{missing} could not be made. {bundle.trouble or ''}".strip())
    return Letter(
        operator_id=bundle.operator_id,
        to_address=bundle.to_address,
        kind="receipts",
        subject=f"Receipts, {period}",
        text="\n\n".join(text) + "\n",
        attachment_name=f"receipts-{bundle.id}.zip" if attached else None,
        attachment=attached,
    )


async def zip_of(database: Database, bundle_id: int) -> AsyncIterator[bytes]:
    """Pack a bundle that is ready piece by piece, so that a big one takes no memory. Raises Unknown."""
    async with database.read() as connection:
        charge_ids = await charges_in(connection, bundle_id)
    if not charge_ids:
        raise Unknown("receipts", bundle_id)
    return _packed(database, bundle_id, charge_ids)


async def _packed(database: Database, bundle_id: int, charge_ids: Sequence[int]) -> AsyncIterator[bytes]:
    pipe = _Pipe()
    with ZipFile(cast("IO[bytes]", pipe), "w") as packed:
        for charge_id in charge_ids:
            async with database.read() as connection:
                row = await part_of(connection, bundle_id, charge_id)
            packed.writestr(ZipInfo(row["name"]), row["content"])
            yield pipe.taken()
    yield pipe.taken()


class _Pipe(RawIOBase):
    """A file that only goes forward: what is written is taken away at once."""

    def __init__(self) -> None:
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:
        self._written += data
        return len(data)

    def taken(self) -> bytes:
        data = bytes(self._written)
        self._written.clear()
        return data


def _name(receipt: Receipt) -> str:
    at = receipt.settled_at or receipt.created_at
    return f"{at:%Y-%m-%d}-{re.sub(r'[^A-Za-z0-9-]', '', receipt.human_readable_id)}.pdf"
