"""What processes cost, read from /proc: CPU seconds and resident memory, by the part of the server they belong to."""

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """User and system CPU seconds since a process began, and its memory now."""

    cpu_s: float
    rss_kib: int

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.cpu_s + other.cpu_s, self.rss_kib + other.rss_kib)


def cost_of(pid: int) -> Cost:
    """Read one process; nothing when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return Cost(0.0, 0)
    # Children that ended count too: PostgreSQL's short-lived workers.
    ticks = sum(int(fields[place]) for place in (11, 12, 13, 14))
    return Cost(ticks / TICKS_PER_SECOND, int(fields[21]) * PAGE_KIB)


def tree(pid: int) -> list[int]:
    """List a process with everything below it."""
    below = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            below[parent].append(int(entry.name))
    found, to_do = [], [pid]
    while to_do:
        current = to_do.pop()
        found.append(current)
        to_do += below[current]
    return found


def parts_of(server_pid: int) -> dict[str, list[int]]:
    """Sort a server's processes into its parts: serve, gateway, web, worker, postgres."""
    parts = defaultdict(list)
    for pid in tree(server_pid):
        parts[part_of(pid)].append(pid)
    return dict(parts)


def part_of(pid: int) -> str:
    """Name the part a process is, by its command line."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except FileNotFoundError:
        return "gone"
    if "postgres" in words[0]:
        return "postgres"
    after = words[words.index("wattline.main") + 1] if "wattline.main" in words else ""
    return after or "other"


def costs(server_pid: int) -> dict[str, Cost]:
    """Add up what each part has cost so far."""
    return {
        part: sum((cost_of(pid) for pid in pids), start=Cost(0.0, 0)) for part, pids in parts_of(server_pid).items()
    }
