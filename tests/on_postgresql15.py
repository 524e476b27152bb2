"""Run the database tests on Debian's PostgreSQL 15, the oldest version that DATABASE_URL may lead to.

Called by `./dev test --postgresql15`: a private cluster on a Unix socket, gone when the tests are done.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

from tests.conftest import FAST, open_directory
from wattline.database.cluster import run_as
from wattline.database.unprivileged import account_for

BINARIES = Path("/usr/lib/postgresql/15/bin")
START_SECONDS_MAX = 120.0


def main() -> int:
    """Start the cluster, run pytest with our arguments on it, and return pytest's exit code."""
    directory = open_directory("wattline-pg15-")
    cluster = directory / "cluster"
    account = account_for(cluster)
    cluster.mkdir(mode=0o700)
    os.chown(cluster, account.uid, account.gid)
    initdb = [str(BINARIES / "initdb"), "-D", str(cluster), "--username=wattline", "--auth=trust", "--no-sync"]
    subprocess.run(
        [*initdb, "--encoding=UTF8", "--locale=C.UTF-8"],
        check=True,
        cwd="/",
        stdout=subprocess.DEVNULL,
        **run_as(account),
    )
    settings = {**FAST, "listen_addresses": "", "unix_socket_directories": str(cluster)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    postgres = subprocess.Popen(
        [str(BINARIES / "postgres"), "-D", str(cluster), *options],
        cwd="/",
        stderr=subprocess.DEVNULL,
        **run_as(account),
    )
    try:
        wait_until_ready(postgres, cluster)
        url = f"postgresql://wattline@/postgres?host={quote(str(cluster), safe='')}"
        environment = os.environ | {"WATTLINE_TEST_DATABASE_URL": url}
        return subprocess.run([sys.executable, "-m", "pytest", *sys.argv[1:]], env=environment, check=False).returncode
    finally:
        postgres.terminate()
        postgres.wait()
        shutil.rmtree(directory)


def wait_until_ready(postgres: "subprocess.Popen[bytes]", cluster: Path) -> None:
    """Return when PostgreSQL takes connections; raise when it ends or takes too long."""
    deadline = time.monotonic() + START_SECONDS_MAX
    ready = [str(BINARIES / "pg_isready"), "-q", "-h", str(cluster), "-U", "wattline", "-d", "postgres"]
    while subprocess.run(ready, check=False).returncode != 0:
        if postgres.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("PostgreSQL 15 did not start")


if __name__ == "__main__":
    sys.exit(main())
