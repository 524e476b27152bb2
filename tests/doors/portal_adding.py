"""Somebody who adds a charge point, step by step, and what the charge point does meanwhile."""

import re
from dataclasses import dataclass
from typing import Any

from tests.doors.portal_door import Clock, Page, Visitor
from tests.doors.portal_story import NOW, Network, add_box, begin_operator
from wattline.database.connection import Database
from wattline.domain.identity import identity_key
from wattline.operations.connections import Newcomer, connect_charge_points
from wattline.operations.devices import Boot, boot_charge_points
from wattline.operations.handshakes import Reason, RefusedHandshake, note_refused_handshakes
from wattline.operations.statuses import StatusReport, report_statuses

ADD = "/charge-points/add"
SOMEBODY = "somebody@elsewhere.example"
# In the catalogue: Alpitronic Hypercharger HYC150.
MODEL = "11"


@dataclass
class Adding:
    """One charge point on its way; `base` is the address of its steps."""

    visitor: Visitor
    network: Network
    database: Database
    clock: Clock
    base: str = ""

    async def place(self, name: str = "Kolding Syd 7", status: int = 303, **fields: Any) -> Page:
        """Take the first step."""
        await self.visitor.get(ADD)
        site = {"where": "site", "site": self.network.sites["Kolding Syd E45"]}
        page = await self.visitor.submit(ADD, {"name": name, "team": self.network.team_id, **site, **fields}, status)
        if status == 303:
            self.base = page.headers["location"].removesuffix("/model")
        return page

    async def hardware(self, identity: str = "KOL-0007", connectors: int = 2, status: int = 200, **fields: Any) -> Page:
        """Take the second step; the answer shows the password."""
        await self.visitor.get(f"{self.base}/model")
        form = {"identity": identity, "connectors": connectors, "model": MODEL, **fields}
        return await self.visitor.submit(f"{self.base}/model", form, status)

    async def verify(self) -> Page:
        """Look how far it is."""
        return await self.visitor.get(f"{self.base}/verify")

    async def rows(self, question: str) -> list[Any]:
        """Ask the database about the box that is being added."""
        async with self.database.read() as connection:
            return list(await connection.fetch(question, int(self.base.rsplit("/", 1)[1])))

    async def box_id(self) -> int:
        """Return the id of the box behind it."""
        (row,) = await self.rows("select charge_point_id from connector where id = $1")
        return int(row["charge_point_id"])

    # What the charge point does --------------------------------------------------------------------------------------

    async def is_refused(self, identity: str, reason: Reason, times: int = 1, detail: str | None = None) -> None:
        """Let something call and be refused."""
        calls = [
            RefusedHandshake(
                at=self.clock.after(seconds=10), identity=identity, identity_key=identity_key(identity),
                address="87.59.12.4", reason=reason, detail=detail,
            )
            for _ in range(times)
        ]  # fmt: skip
        await note_refused_handshakes(self.database, calls, now=self.clock.now)

    async def connects(self, **detail: object) -> None:
        """Let it come in."""
        newcomer = Newcomer(charge_point_id=await self.box_id(), address="87.59.12.4", detail=detail)
        await connect_charge_points(self.database, "played", [newcomer], now=self.clock.after(seconds=5))

    async def boots(self) -> None:
        """Let it introduce itself."""
        boot = Boot(
            charge_point_id=await self.box_id(), vendor="alpitronic GmbH", model="HYC150", serial_number=None,
            firmware_version="1.8.4-2", iccid=None, imsi=None, meter_type=None, meter_serial=None, message_id="1",
        )  # fmt: skip
        await boot_charge_points(self.database, [boot], now=self.clock.after(seconds=1))

    async def reports(self, number: int, status: str = "Available") -> None:
        """Let it say how a connector is."""
        at = self.clock.after(seconds=1)
        report = StatusReport(
            charge_point_id=await self.box_id(), operator_id=self.network.operator_id, connector_number=number,
            status=status, error_code="NoError", info=None, vendor_error_code=None, told_at=at, received_at=at,
            message_id=str(number),
        )  # fmt: skip
        await report_statuses(self.database, [report], now=at)

    async def comes(self) -> None:
        """Let all go well, with two connectors."""
        await self.connects()
        await self.boots()
        await self.reports(1)
        await self.reports(2)


async def elsewhere(database: Database, *identities: str) -> Network:
    """Make another operator with these boxes and somebody who can log in."""
    network = Network(NOW)
    await begin_operator(database, network, name="Elsewhere", locale="en-DK", email=SOMEBODY)
    async with database.begin() as tx:
        for identity in identities:
            await add_box(tx, network, identity, identity, ["type2"])
    return network


def password_on(page: Page) -> str:
    """Find the password a page shows; nothing when it shows none."""
    found = re.search(r'data-copy="([0-9a-f]{40})"', page.source)
    return found[1] if found else ""
