"""What Alembic runs: our migrations, one transaction each, over asyncpg. Called by wattline.database.migrate only."""

import asyncio

import asyncpg
from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool


async def connect_and_migrate() -> None:
    """Open one connection and run what is missing on it."""
    attributes = context.config.attributes
    settings = {"lock_timeout": attributes["lock_timeout"], "timezone": "UTC"}
    engine = create_async_engine(
        "postgresql+asyncpg://",
        async_creator=lambda: asyncpg.connect(attributes["url"], server_settings=settings),
        poolclass=NullPool,
    )
    async with engine.connect() as connection:
        await connection.run_sync(run_migrations)
    await engine.dispose()


def run_migrations(connection: Connection) -> None:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


asyncio.run(connect_and_migrate())
