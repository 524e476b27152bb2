"""A network worth looking at: eight sites, forty boxes, a day of states, charges that run, ended, paused and failed.

Rows are written directly, so that a page can be shown any situation at once. Everything is derived from `now` and a
seed: the same story each time.
"""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.doors.portal_cast import ERRORS, LOG, OCPP_STATUS, SITES, STATES, TYPE_IDS
from wattline.database.connection import Database, Transaction
from wattline.operations.users import NewUser, create_user

NOW = datetime(2026, 11, 20, 13, 32, 7, tzinfo=UTC)
EMAIL, PASSWORD = "operations@havnelys.example", "correct horse battery"


@dataclass
class Network:
    """What was made, by the names tests know."""

    now: datetime
    operator_id: int = 0
    team_id: int = 0
    user_id: int = 0
    sites: dict[str, int] = field(default_factory=dict)
    boxes: dict[str, int] = field(default_factory=dict)
    connectors: dict[tuple[str, int], int] = field(default_factory=dict)
    charges: dict[str, int] = field(default_factory=dict)


async def tell(
    database: Database, *, now: datetime = NOW, locale: str = "en-DK", rich: bool = True, email: str = EMAIL
) -> Network:
    """Write the whole story; `rich=False` leaves out histories and curves, for tests that only need the things."""
    network = Network(now)
    rng = random.Random(7)
    await begin_operator(database, network, name="Havnelys Energi", locale=locale, email=email)
    async with database.begin() as tx:
        for site in SITES:
            await _site(tx, network, *site)
        for (identity, number), state in STATES.items():
            await _put_in_state(tx, network, identity, number, state, rng)
        if rich:
            await _day_of_states(tx, network, rng)
            await _past_charges(tx, network, rng)
            await _power_steps(tx, network, rng)
        await _told_charges(tx, network)
        await _log(tx, network)
    return network


async def begin_operator(database: Database, network: Network, *, name: str, locale: str, email: str) -> None:
    """Make an operator with one team and somebody who can log in."""
    async with database.begin() as tx:
        await tx.execute(
            """insert into connector_type (id, identifier, name)
               select * from unnest($1::bigint[], $2::text[], $2::text[]) on conflict do nothing""",
            list(TYPE_IDS.values()), list(TYPE_IDS),
        )  # fmt: skip
        network.operator_id = await tx.fetchval(
            "insert into operator (name, identifier, created_at) values ($1, $2, $3) returning id",
            name, email, network.now - timedelta(days=400),
        )  # fmt: skip
        network.team_id = await tx.fetchval(
            """insert into team (operator_id, name, type, join_code, created_at, updated_at)
               values ($1, $2, 'operator', $3, $4, $4) returning id""",
            network.operator_id, name, email, network.now,
        )  # fmt: skip
    network.user_id = await create_user(
        database,
        NewUser(operator_id=network.operator_id, email=email, display_name="Operations manager", locale=locale),
        password=PASSWORD,
        now=network.now,
    )


async def _site(
    tx: Transaction, network: Network, name: str, prefix: str, letters: str, count: int, types: list[str], power_w: int
) -> None:
    site_id = await tx.fetchval(
        """insert into site (operator_id, team_id, name, created_at, updated_at) values ($1, $2, $3, $4, $4)
           returning id""",
        network.operator_id, network.team_id, name, network.now,
    )  # fmt: skip
    network.sites[name] = site_id
    for place in range(1, count + 1):
        await add_box(tx, network, f"{letters}-{place:04}", f"{prefix} {place}", types, power_w, site_id=site_id)


async def add_box(
    tx: Transaction,
    network: Network,
    identity: str,
    name: str,
    types: list[str],
    power_w: int = 22_000,
    *,
    site_id: int | None = None,
) -> int:
    """Make a box that is in contact, with free connectors."""
    now, maker = network.now, ("Alpitronic", "HYC300") if power_w > 100_000 else ("Alfen", "Eve Double Pro-line")
    box_id: int = await tx.fetchval(
        """insert into charge_point (operator_id, team_id, identity, identity_key, vendor, model, firmware_version,
             connected, connected_at, last_heard_at, booted_at, boot_status, remote_address, created_at, updated_at)
           values ($1, $2, $3, lower($3), $4, $5, '1.8.4-2', true, $6, $7, $6, 'Accepted', '87.59.12.4', $8, $8)
           returning id""",
        network.operator_id, network.team_id, identity, *maker, now - timedelta(days=6, hours=4),
        now - timedelta(seconds=len(name) % 8), now - timedelta(days=90),
    )  # fmt: skip
    network.boxes[identity] = box_id
    for number, kind in enumerate(types, start=1):
        own_name = f"{name} · {number}" if len(types) > 1 else name
        connector_id = await tx.fetchval(
            """insert into connector (operator_id, team_id, site_id, charge_point_id, number, name, connector_types,
                 current_kind, max_power_w, active_at, evse_id, created_at, updated_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12) returning id""",
            network.operator_id, network.team_id, site_id, box_id, number, own_name, [TYPE_IDS[kind]],
            "ac" if kind == "type2" else "dc", power_w, None if identity.startswith("BAL") else now,
            f"DK*HAV*E{box_id}{number}", now - timedelta(days=90),
        )  # fmt: skip
        network.connectors[identity, number] = connector_id
        await tx.execute(
            """insert into connector_live (connector_id, operator_id, state, state_since, ocpp_status, error_code,
                 status_at, updated_at) values ($1, $2, 'available', $3, 'Available', 'NoError', $3, $4)""",
            connector_id, network.operator_id, now - timedelta(hours=2), now,
        )  # fmt: skip
    return box_id


async def _put_in_state(
    tx: Transaction, network: Network, identity: str, number: int, state: str, rng: random.Random
) -> None:
    now, connector_id = network.now, network.connectors[identity, number]
    since = now - timedelta(minutes=rng.randint(8, 38))
    error_code, error_info = ERRORS.get((identity, number), ("NoError", None))
    await tx.execute(
        """update connector_live set state = $2, state_since = $3, ocpp_status = $4, error_code = $5, error_info = $6,
             cable_plugged_in = $7 where connector_id = $1""",
        connector_id, state, since, OCPP_STATUS.get(state), error_code, error_info, state.startswith("busy"),
    )  # fmt: skip
    if state == "disconnected":
        await tx.execute(
            "update charge_point set connected = false, disconnected_at = $2, last_heard_at = $2 where id = $1",
            network.boxes[identity], now - timedelta(hours=1, minutes=20),
        )  # fmt: skip
    elif state == "passive":
        await tx.execute(
            """update charge_point set connected = false, connected_at = null, last_heard_at = null, booted_at = null,
                 boot_status = null, vendor = null, model = null where id = $1""",
            network.boxes[identity],
        )
    elif state in ("busy-charging", "busy-non-charging", "busy-scheduled", "busy-reserved"):
        await run_charge(tx, network, identity, number, state, since, rng)


async def run_charge(
    tx: Transaction, network: Network, identity: str, number: int, state: str, since: datetime, rng: random.Random
) -> int:
    """Let a charge run on a connector since some time, with readings every 20 seconds."""
    now = network.now
    fast = identity[:3] in ("KOL", "KBH", "FLE")
    peak = rng.randint(90_000, 150_000) if fast else rng.randint(10_500, 21_000)
    kind = {"busy-charging": "charging", "busy-non-charging": "paused", "busy-reserved": "reserved"}.get(
        state, "scheduled"
    )
    curve = power_curve(peak, int((now - since).total_seconds() // 20)) if kind == "charging" else []
    energy = sum(power * 20 // 3600 for power in curve)
    values: dict[str, Any] = {
        "state": kind,
        "raw_state": {"charging": "charging", "paused": "suspended_ev"}.get(kind),
        "human_readable_id": f"{rng.choice('79AC')}{rng.randint(1, 9)}QM-{rng.randint(400, 9999):04}",
        "started_at": since if kind in ("charging", "paused") else None,
        "energy_wh": energy or (8_400 if kind == "paused" else 0),
        "power_w": curve[-1] if curve else 0,
        "soc_percent": rng.randint(52, 78) if fast and curve else None,
        "reserved_until": now + timedelta(minutes=15) if kind == "reserved" else None,
        "start_source": rng.choice(["server-api", "portal", "cpi-auth-token"]),
        "meter_start_wh": 148_220_400,
        "reading_at": now,
    }
    charge_id = await add_charge(tx, network, identity, number, created_at=since - timedelta(seconds=9), **values)
    network.charges[f"{identity}/{number}"] = charge_id
    await tx.execute(
        "update connector_live set charge_id = $2, power_w = $3 where connector_id = $1",
        network.connectors[identity, number], charge_id, values["power_w"] if kind == "charging" else None,
    )  # fmt: skip
    await add_moves(tx, charge_id, [
        (since - timedelta(seconds=9), None, "starting", "StartAsked", {}),
        (since, "starting", "charging", "Began", {}),
    ])  # fmt: skip
    await add_readings(tx, network, identity, number, charge_id, since, curve)
    return charge_id


def power_curve(peak_w: int, count: int) -> list[int]:
    """Draw a car's appetite: a steep rise, a plateau, then less and less."""
    rise = [peak_w * (1 - 0.65 ** (step + 1)) for step in range(min(count, 12))]
    rest = [peak_w * (1 - max(step - 30, 0) * 0.0062) * (1 + 0.004 * ((step * 7) % 5 - 2)) for step in range(12, count)]
    return [max(int(power), 0) for power in [*rise, *rest]]


async def add_charge(
    tx: Transaction, network: Network, identity: str, number: int, *, created_at: datetime, **values: Any
) -> int:
    """Insert a charge; values name columns of the table."""
    row = {
        "operator_id": network.operator_id, "team_id": network.team_id, "paying_team_id": network.team_id,
        "paying_operator_id": network.operator_id, "connector_id": network.connectors[identity, number],
        "charge_point_id": network.boxes[identity], "connector_number": number, "type": "operator", "currency": "dkk",
        "start_source": "server-api", "created_at": created_at, "updated_at": network.now, "start_asked_at": created_at,
        "id_tag": f"{created_at.timestamp():.0f}{network.connectors[identity, number]:08}",
    } | values  # fmt: skip
    columns = ", ".join(row)
    places = ", ".join(f"${place}" for place in range(1, len(row) + 1))
    charge_id: int = await tx.fetchval(f"insert into charge ({columns}) values ({places}) returning id", *row.values())
    return charge_id


async def add_moves(
    tx: Transaction, charge_id: int, moves: list[tuple[datetime, str | None, str, str, dict[str, Any]]]
) -> None:
    """Write a charge's moves."""
    await tx.executemany(
        "insert into charge_move (charge_id, at, from_state, to_state, cause, detail) values ($1, $2, $3, $4, $5, $6)",
        [(charge_id, *move) for move in moves],
    )


async def add_readings(
    tx: Transaction, network: Network, identity: str, number: int, charge_id: int, start: datetime, curve: list[int]
) -> None:
    """Write readings 20 seconds apart."""
    meter = 148_220_400
    box = network.boxes[identity]
    rows: list[tuple[Any, ...]] = []
    for step, power in enumerate(curve):
        meter += power * 20 // 3600
        at = start + timedelta(seconds=20 * step)
        rows.append((network.operator_id, box, number, at, at, charge_id, "Sample.Periodic", meter, power, [], step))
    await tx.executemany(
        """insert into reading (operator_id, charge_point_id, connector_number, measured_at, received_at, charge_id,
             context, energy_wh, power_w, sampled, fingerprint)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)""",
        rows,
    )


async def _day_of_states(tx: Transaction, network: Network, rng: random.Random) -> None:
    start = network.now - timedelta(hours=25)
    rows: list[tuple[int, int, datetime, str]] = []
    for (identity, number), connector_id in network.connectors.items():
        state = STATES.get((identity, number), "available")
        if state == "passive":
            continue
        at, fast = start, identity[:3] in ("KOL", "FLE", "KBH")
        until = network.now - timedelta(hours=1, minutes=20 if state == "disconnected" else 0)
        while at < until:
            rows.append((network.operator_id, connector_id, at, "available"))
            at += timedelta(minutes=rng.randint(60, 420 if fast else 600))
            if at < until:
                rows.append((network.operator_id, connector_id, at, "busy-charging"))
                at += timedelta(minutes=rng.randint(18, 50) if fast else rng.randint(60, 240))
            if at < until and rng.random() < 0.3:
                rows.append((network.operator_id, connector_id, at, "busy-non-released"))
                at += timedelta(minutes=rng.randint(6, 40))
        since = await tx.fetchval("select state_since from connector_live where connector_id = $1", connector_id)
        rows.append((network.operator_id, connector_id, until if state == "disconnected" else since, state))
    await tx.executemany(
        "insert into connector_state (operator_id, connector_id, at, state) values ($1, $2, $3, $4)", rows
    )


async def _past_charges(tx: Transaction, network: Network, rng: random.Random) -> None:
    for (identity, number), connector_id in list(network.connectors.items()):
        if STATES.get((identity, number)) == "passive":
            continue
        for _ in range(rng.randint(4, 9)):
            began = network.now - timedelta(minutes=rng.randint(60, 60 * 24 * 5))
            failed = rng.random() < (0.25 if identity in ("KOL-0003", "HAM-0002") else 0.03)
            minutes, energy = rng.randint(18, 90), rng.randint(6_000, 60_000)
            ended: dict[str, Any] = {
                "state": "completed", "human_readable_id": f"P{connector_id}-{rng.randint(0, 10**9)}",
                "started_at": began, "stopped_at": began + timedelta(minutes=minutes),
                "completed_at": began + timedelta(minutes=minutes + 4),
                "energy_wh": 0 if failed else energy, "failed_at": began if failed else None,
                "failure_code": "start-expired" if failed else None, "stop_reason": "StoppedByUser",
            }  # fmt: skip
            await add_charge(tx, network, identity, number, created_at=began - timedelta(seconds=8), **ended)


async def _power_steps(tx: Transaction, network: Network, rng: random.Random) -> None:
    start = network.now.replace(minute=network.now.minute // 10 * 10, second=0, microsecond=0)
    level, rows = 1_100_000.0, []
    for step in range(143, 0, -1):
        hour = (start - timedelta(minutes=10 * step)).hour
        level += ((420_000 if 1 <= hour <= 5 else 1_500_000) - level) * 0.12 + rng.uniform(-110_000, 110_000)
        at = start - timedelta(minutes=10 * step)
        rows.append((network.operator_id, network.boxes["KOL-0005"], 1, at, int(max(level, 90_000)), int(level / 6)))
    await tx.executemany(
        """insert into power_step (operator_id, charge_point_id, connector_number, step_at, power_w, energy_wh)
           values ($1, $2, $3, $4, $5, $6)""",
        rows,
    )


async def _told_charges(tx: Transaction, network: Network) -> None:
    """Two charges with a story: one the car cut short, one that never began."""
    day = network.now.replace(hour=11, minute=50, second=2, microsecond=0)

    def at(minutes: float) -> datetime:
        return day + timedelta(minutes=minutes)

    curve = [*power_curve(118_000, 135)]
    cut_short = await add_charge(
        tx, network, "KOL-0005", 1, created_at=at(-0.2), state="completed", human_readable_id="7T4Q-1183",
        started_at=at(1.2), stopped_at=at(52.1), released_at=at(57), completed_at=at(57.1), energy_wh=77_844,
        soc_percent=78, soc_limit_percent=90, stop_reason="ChargePointEVDisconnected", meter_start_wh=148_220_400,
        meter_last_wh=148_298_244, fully_charged_at=at(47.2),
        reading_at=at(52), raw_state="suspended_ev",
    )  # fmt: skip
    network.charges["cut short"] = cut_short
    await add_moves(tx, cut_short, [
        (at(-0.2), None, "starting", "StartAsked", {}), (at(1.2), "starting", "charging", "Began", {}),
        (at(47.2), "charging", "paused", "PausedByCar", {}), (at(52.1), "paused", "releasing", "Stopped", {}),
        (at(57), "releasing", "released", "CableOut", {}), (at(57.1), "released", "completed", "Closed", {}),
    ])  # fmt: skip
    await add_readings(tx, network, "KOL-0005", 1, cut_short, at(1.2), [*curve, *[0] * 14])
    failed = await add_charge(
        tx, network, "HAM-0002", 1, created_at=at(-30), state="completed", human_readable_id="4F9K-0211",
        stopped_at=at(-25), failed_at=at(-25), completed_at=at(-25), timeout_at=at(-25), failure_code="start-expired",
        failure_reason="The charge point did not begin within 5 minutes. Check the cable, then start again.",
    )  # fmt: skip
    network.charges["failed"] = failed
    await add_moves(tx, failed, [
        (at(-30), None, "starting", "StartAsked", {}), (at(-25), "starting", "stopped", "StartExpired", {}),
        (at(-25), "stopped", "completed", "Closed", {}),
    ])  # fmt: skip
    await tx.execute(
        """insert into command (operator_id, charge_point_id, charge_id, action, payload, purpose, asked_by, created_at,
             deadline_at, sent_at, answered_at, outcome, answer)
           values ($1, $2, $3, 'RemoteStartTransaction', $4, 'start', 'Partner', $5, $6, $5, $7, 'accepted', $8)""",
        network.operator_id, network.boxes["HAM-0002"], failed, {"connectorId": 1, "idTag": "x"}, at(-30), at(-29),
        at(-30) + timedelta(seconds=0.8), {"status": "Accepted"},
    )  # fmt: skip


async def _log(tx: Transaction, network: Network) -> None:
    box = network.boxes["KOL-0004"]
    for place, (kind, number, minutes, detail) in enumerate(LOG):
        at = network.now + timedelta(minutes=minutes)
        charge_id = network.charges.get(f"KOL-0004/{number}") if number == 1 else None
        await tx.execute(
            """insert into log_line (operator_id, charge_point_id, connector_number, at, told_at, kind, charge_id,
                 detail, message_id) values ($1, $2, $3, $4, $4, $5, $6, $7, $8)""",
            network.operator_id, box, number, at, kind, charge_id, detail, f"m-{place}",
        )  # fmt: skip
        await tx.execute(
            """insert into frame (operator_id, charge_point_id, at, inbound, action, message_id, body)
               values ($1, $2, $3, $4, $5, $6, $7)""",
            network.operator_id, box, at, not kind.startswith("Remote"), kind, f"m-{place}",
            f'[2,"m-{place}","{kind}",{{}}]',
        )  # fmt: skip
    await tx.execute(
        """insert into deviation (charge_point_id, code, path, sample, seen, first_at, last_at)
           values ($1, 'time-without-zone', 'StatusNotification.timestamp', '"2026-11-20T13:06:29"', 4188, $2, $3)""",
        box, network.now - timedelta(days=90), network.now - timedelta(minutes=1),
    )  # fmt: skip


async def give_away(database: Database, network: Network, identity: str) -> Network:
    """Let a box with all that hangs on it belong to another operator, as if it always had."""
    theirs = Network(network.now)
    await begin_operator(database, theirs, name="Elsewhere", locale="en", email="somebody@elsewhere.example")
    box = network.boxes[identity]
    async with database.begin() as tx:
        await tx.execute("update charge_point set operator_id = $2, team_id = $3 where id = $1",
                         box, theirs.operator_id, theirs.team_id)  # fmt: skip
        await tx.execute(
            "update connector set operator_id = $2, team_id = $3, site_id = null where charge_point_id = $1",
            box, theirs.operator_id, theirs.team_id,
        )  # fmt: skip
        await tx.execute(
            """update charge set operator_id = $2, team_id = $3, paying_team_id = $3, paying_operator_id = $2,
                 site_id = null where charge_point_id = $1""",
            box, theirs.operator_id, theirs.team_id,
        )  # fmt: skip
        await tx.execute(
            """update connector_live set operator_id = $2
               where connector_id in (select id from connector where charge_point_id = $1)""",
            box, theirs.operator_id,
        )  # fmt: skip
    return theirs
