"""What a row of a file of charge points would do: make one, change one, nothing, or why it cannot be meant."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from asyncpg import Record

from wattline.database.connection import Transaction
from wattline.domain.access import Viewer
from wattline.domain.fleet_file import FleetRow
from wattline.domain.identity import identity_key
from wattline.domain.refusals import Invalid

Plan = dict[str, Any]
# Which column each value goes to, where they differ in no other way.
COLUMNS = {
    "name": "name",
    "max_power_w": "max_power_w",
    "visibility": "visibility",
    "note": "note",
    "external_id": "partner_external_id",
}


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that rows of one file can mean, as the viewer sees it; `boxes` are everybody's, by identity key."""

    by_id: Mapping[int, Record]
    by_socket: Mapping[tuple[str, int], Record]
    boxes: Mapping[str, Record]
    sites: Mapping[str, list[Record]]
    teams: Mapping[str, list[Record]]
    types: Mapping[str, int]
    viewer: Viewer

    @classmethod
    async def of(cls, tx: Transaction, rows: Sequence[FleetRow], viewer: Viewer) -> "Known":
        """Look all of it up at once."""
        keys = [identity_key(row.identity) for row in rows if row.identity]
        ids = [row.connector_id for row in rows if row.connector_id is not None]
        reach = (list(viewer.operator_ids), viewer.team_ids)
        connectors = await tx.fetch(CONNECTORS, *reach, ids, keys)
        sockets = {(each["identity_key"], each["number"]): each for each in connectors if each["identity_key"]}
        boxes = await tx.fetch("select * from charge_point where identity_key = any($1) and deleted_at is null", keys)
        types = await tx.fetch("select id, identifier, name from connector_type")
        return cls(
            {each["id"]: each for each in connectors}, sockets, {box["identity_key"]: box for box in boxes},
            _by_word(await tx.fetch(SITES, *reach)), _by_word(await tx.fetch(TEAMS, *reach)),
            {word.casefold(): each["id"] for each in types for word in (each["identifier"], each["name"])}, viewer,
        )  # fmt: skip


def plan_row(row: FleetRow, known: Known) -> Plan:
    """Say what a row would do, as a row of an order."""
    plan: Plan = {"place": row.line, "name": row.called, "identity": row.identity, "number": row.number}
    try:
        there = _meant(row, known)
        return plan | (_creation(row, known) if there is None else _change(row, there, known))
    except Invalid as refusal:
        return plan | {"plan": "problem", "words": f"{refusal.field} {refusal.problem}", "outcome": "left-out"}


def _meant(row: FleetRow, known: Known) -> Record | None:
    """Find the charge point that a row is about; None for a new one."""
    key = identity_key(row.identity) if row.identity else None
    if row.connector_id is not None:
        there = known.by_id.get(row.connector_id)
        if there is None:
            raise Invalid("id", f"{row.connector_id} is no charge point of yours.")
        if key is not None and key != there["identity_key"]:
            raise Invalid("identity", "is another than the charge point has. Change its hardware on its own page.")
        if row.number is not None and there["number"] is not None and row.number != there["number"]:
            raise Invalid("connector", f"is {there['number']} at this charge point.")
        return there
    if key is None:
        return None
    box = known.boxes.get(key)
    if box is not None and not known.viewer.sees(box["operator_id"], box["team_id"]):
        raise Invalid("identity", "is in use by another team.")
    return known.by_socket.get((key, row.number or 1))


def _creation(row: FleetRow, known: Known) -> Plan:
    team = _team(row, known)
    if row.identity is not None:
        box = known.boxes.get(identity_key(row.identity))
        if box is not None and box["team_id"] != team["id"]:
            raise Invalid("team", "is another than the charge point’s that has this identity already.")
    site = _site(row, known, team["operator_id"])
    data = {column: getattr(row, name) for name, column in COLUMNS.items() if getattr(row, name) is not None}
    data |= {"team_id": team["id"], "name": row.called, "active": row.active is not False}
    if site is not None:
        data["site_id"] = site["id"]
    if row.types is not None:
        data["connector_types"] = _types(row, known)
    where = f"at {site['name']}" if site else "without a site"
    return {"plan": "create", "data": data, "words": f"New in {team['name']}, {where}."}


def _change(row: FleetRow, there: Record, known: Known) -> Plan:
    if row.team is not None and _team(row, known)["id"] != there["team_id"]:
        raise Invalid("team", "is another than the charge point’s. A file moves no charge point to another team.")
    data: dict[str, Any] = {}
    said: list[str] = []
    for name, column in COLUMNS.items():
        value = getattr(row, name)
        if value is not None and value != there[column]:
            data[column] = value
            said.append(_from_to(name, there[column], value))
    site = _site(row, known, there["operator_id"])
    if site is not None and site["id"] != there["site_id"]:
        data["site_id"] = site["id"]
        said.append(_from_to("site", there["site"], site["name"]))
    if row.types is not None and sorted(types := _types(row, known)) != sorted(there["connector_types"]):
        data["connector_types"] = types
        said.append(f"types: {', '.join(row.types)}")
    if row.active is not None and row.active != (there["active_at"] is not None):
        data["active"] = row.active
        said.append("becomes active" if row.active else "becomes inactive")
    target = {"connector_id": there["id"], "charge_point_id": there["charge_point_id"], "name": there["name"]}
    if not data:
        return target | {"plan": "same", "words": "Is like that already.", "outcome": "done"}
    return target | {"plan": "update", "data": data, "words": "; ".join(said)}


def _from_to(name: str, was: object, becomes: object) -> str:
    if name == "max_power_w":
        name, was, becomes = "max_kw", None if was is None else int(str(was)) / 1000, int(str(becomes)) / 1000
    return f"{name}: {'nothing' if was is None else was} → {becomes}"


def _site(row: FleetRow, known: Known, operator_id: int) -> Record | None:
    if row.site is None:
        return None
    found = [each for each in known.sites.get(row.site.casefold(), []) if each["operator_id"] == operator_id]
    return _only("site", row.site, found)


def _team(row: FleetRow, known: Known) -> Record:
    if row.team is not None:
        return _only("team", row.team, known.teams.get(row.team.casefold(), []))
    teams = {each["id"]: each for found in known.teams.values() for each in found}
    if len(teams) != 1:
        raise Invalid("team", "is missing: there are several to choose from.")
    return next(iter(teams.values()))


def _only(what: str, word: str, found: list[Record]) -> Record:
    if not found:
        raise Invalid(what, f"“{word[:80]}” is none of yours.")
    if len(found) > 1:
        numbers = ", ".join(str(each["id"]) for each in found[:5])
        raise Invalid(what, f"“{word[:80]}” is the name of several. Write its number instead: {numbers}.")
    return found[0]


def _types(row: FleetRow, known: Known) -> list[int]:
    assert row.types is not None
    unknown = next((each for each in row.types if each.casefold() not in known.types), None)
    if unknown is not None:
        raise Invalid("types", f"“{unknown[:80]}” is no kind of plug. Try {', '.join(sorted(known.types)[:6])}.")
    return sorted({known.types[each.casefold()] for each in row.types})


def _by_word(rows: Sequence[Record]) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for row in rows:
        for word in {row["name"].casefold(), str(row["id"])}:
            found.setdefault(word, []).append(row)
    return found


CONNECTORS = """
select k.*, b.identity_key, s.name as site from connector k
  left join charge_point b on b.id = k.charge_point_id left join site s on s.id = k.site_id
where k.operator_id = any($1) and ($2::bigint[] is null or k.team_id = any($2)) and k.deleted_at is null
  and (k.id = any($3) or b.identity_key = any($4))
"""
SITES = """
select id, name, operator_id from site
where operator_id = any($1) and ($2::bigint[] is null or team_id = any($2)) and deleted_at is null
"""
TEAMS = """
select id, name, operator_id from team
where operator_id = any($1) and ($2::bigint[] is null or id = any($2)) and deleted_at is null
"""
