"""An empty PostgreSQL cluster: made aside, then moved into place whole, so that a crash leaves no half of one."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import TypedDict

from wattline.database.unprivileged import Account, PostgresFailed

MAJOR_VERSION = "18"
DATABASE = "wattline"
OWNER = "wattline"

# No locale of the machine: the same order and the same lower case everywhere, and initdb takes a third of the time.
LOCALE = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")

# Nothing of ours: a PGDATA or PGOPTIONS of the shell must not reach the embedded PostgreSQL.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class Identity(TypedDict, total=False):
    """What subprocess needs to become somebody else."""

    user: int
    group: int
    extra_groups: list[int]


def create_cluster(real: Path, binaries: Path, account: Account) -> None:
    """Make the cluster and the database in it. It is on the disk when this returns."""
    unfinished = real.with_name(f"{real.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    os.chown(unfinished, account.uid, account.gid)
    initdb, postgres, place = str(binaries / "initdb"), str(binaries / "postgres"), ("-D", str(unfinished))
    _run([initdb, *place, *LOCALE, f"--username={OWNER}", "--auth=trust", "--data-checksums", "--no-sync"], account)
    _run([postgres, "--single", *place, "-c", "fsync=off", "postgres"], account, f"create database {DATABASE}\n")
    _run([initdb, *place, "--sync-only"], account)
    unfinished.rename(real)


def refuse_other_version(cluster: Path) -> None:
    """Raise PostgresFailed when another major version wrote this cluster."""
    version = (cluster / "PG_VERSION").read_text().strip()
    if version != MAJOR_VERSION:
        raise PostgresFailed(
            f"{cluster} was written by PostgreSQL {version}, but this Wattline brings {MAJOR_VERSION}. "
            f"Dump it with a Wattline that brings {version}, or choose another directory with --data DIR."
        )


def run_as(account: Account) -> Identity:
    """Say how a child process becomes this account; nothing to do when we are it."""
    if account.uid == os.geteuid():
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _run(command: list[str], account: Account, statement: str = "") -> None:
    done = subprocess.run(
        command, input=statement, capture_output=True, text=True, cwd="/", env=ENVIRONMENT, **run_as(account)
    )
    if done.returncode != 0:
        words = (done.stdout + done.stderr)[-2000:]
        raise PostgresFailed(f"{Path(command[0]).name} failed as user {account.name}:\n{words}")
