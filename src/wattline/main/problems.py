"""What may go wrong in an expected way: one sentence for the owner, no stack trace."""

import asyncpg

from wattline.database.connection import DatabaseTooOld
from wattline.database.data_lock import DataDirectoryInUse
from wattline.database.migrate import DatabaseTooNew
from wattline.database.unprivileged import PostgresFailed
from wattline.domain.refusals import Refusal
from wattline.main.child import PortTaken
from wattline.main.connect import NothingRuns
from wattline.main.environment import BadSetting
from wattline.main.supervisor import PartFailed
from wattline.main.terminal import BadTerminal

EXPECTED = (
    BadSetting,
    BadTerminal,
    DataDirectoryInUse,
    DatabaseTooNew,
    DatabaseTooOld,
    NothingRuns,
    PartFailed,
    PortTaken,
    PostgresFailed,
    Refusal,
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
)


def sentence(problem: BaseException) -> str:
    """Say what went wrong and what to do."""
    if isinstance(problem, OSError) and problem.filename is not None:
        return f"{problem.filename}: {problem.strerror}."
    if isinstance(problem, asyncpg.DataError):
        return "There is nothing with such a number: it is too large, or not what is meant."
    return str(problem)
