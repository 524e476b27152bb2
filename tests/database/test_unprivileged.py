"""Root lends PostgreSQL to another user without opening its own folders."""

import os
from pathlib import Path

import pytest

from wattline.database.embedded import EmbeddedPostgres
from wattline.database.unprivileged import Account, PostgresFailed, account_for, can_reach, place_for, programs

# Somebody who is neither us nor the owner of anything here.
STRANGER = Account("stranger", uid=64_000, gid=64_000)


def test_a_cluster_lies_where_it_is_asked_for_when_its_user_can_get_there(data_directory: Path) -> None:
    assert place_for(data_directory / "postgres", STRANGER) == data_directory / "postgres"


def test_a_cluster_below_a_closed_folder_lies_elsewhere_and_the_folder_stays_closed(data_directory: Path) -> None:
    closed, shared = data_directory / "closed", data_directory / "shared"
    closed.mkdir(mode=0o700)
    real = place_for(closed / "postgres", STRANGER, shared_place=shared)
    assert real.parent == shared / "clusters"
    assert (closed / "postgres").readlink() == real
    assert closed.stat().st_mode & 0o777 == 0o700
    assert can_reach(real.parent, STRANGER)


def test_a_lost_cluster_is_not_quietly_replaced_by_an_empty_one(data_directory: Path) -> None:
    (data_directory / "postgres").symlink_to(data_directory / "gone")
    with pytest.raises(PostgresFailed, match="is gone, and with it the data"):
        place_for(data_directory / "postgres", STRANGER)


def test_whoever_owns_a_cluster_runs_it(data_directory: Path) -> None:
    cluster = data_directory / "postgres"
    cluster.mkdir()
    assert account_for(cluster).uid == os.geteuid()


async def test_a_server_starts_below_a_closed_folder(data_directory: Path) -> None:
    closed = data_directory / "closed"
    closed.mkdir(mode=0o700)
    postgres = EmbeddedPostgres(closed / "data", shared_place=data_directory / "shared")
    await postgres.start()
    assert postgres.is_running
    await postgres.stop()
    assert closed.stat().st_mode & 0o777 == 0o700


def test_the_programs_can_be_run_by_everybody() -> None:
    for program in ("initdb", "postgres"):
        path = programs() / program
        assert path.stat().st_mode & 0o005 == 0o005
        assert os.geteuid() != 0 or can_reach(path.parent, STRANGER)
