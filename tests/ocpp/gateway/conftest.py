"""A running gateway with an operator, a team and a charge key; stories add their boxes."""

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.ocpp.gateway.yard import PEPPER, Yard, furnish
from wattline.database.bus import Bus, PostgresBus
from wattline.database.connection import Database
from wattline.ocpp.gateway import serve_gateway
from wattline.operations.chance import SystemChance
from wattline.settings import Ocpp, Settings


@pytest.fixture
def ocpp_settings() -> Ocpp:
    """Quick settings; a story that needs others overrides this."""
    return Ocpp(
        port=0, settle_seconds=0.05, settle_without_boot_seconds=0.2, call_timeout_seconds=30.0, ping_seconds=60
    )


@pytest.fixture
def settings(ocpp_settings: Ocpp, tmp_path: Path) -> Settings:
    """Settings of the whole."""
    return Settings(data_directory=tmp_path, pepper=PEPPER, ocpp=ocpp_settings)


@pytest.fixture
async def bus(database_url: str) -> AsyncIterator[Bus]:
    """The bus as it is in the product."""
    async with PostgresBus(database_url) as opened:
        yield opened


@pytest.fixture
async def yard(database: Database, bus: Bus, settings: Settings) -> AsyncIterator[Yard]:
    """A gateway that serves."""
    await furnish(database)
    async with serve_gateway(
        settings, database, bus, clock=now, chance=SystemChance(), gateway_id=secrets.token_hex(4)
    ) as gateway:
        yield Yard(database, bus, settings, gateway)


def now() -> datetime:
    """The clock of the gateway."""
    return datetime.now(UTC)
