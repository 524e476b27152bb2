"""Who did what: one line beside each change that somebody asked for. Lines are never changed or deleted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from asyncpg import Record

from wattline.database.connection import Transaction
from wattline.domain.access import Viewer

# Whose a thing is, by the names that lines have for kinds of things. What is not here counts as its doer's operator's.
OWNERS: Mapping[str, str] = {
    "team": "select operator_id, id as team_id from team",
    "operator": "select id as operator_id, null::bigint as team_id from operator",
    "api-key": "select operator_id, null::bigint as team_id from api_key",
    "deeplink": "select operator_id, null::bigint as team_id from deeplink",
    "charge-point": "select operator_id, team_id from connector",
    "box": "select operator_id, team_id from charge_point",
    "charge": "select operator_id, team_id from charge",
    "charge-key": "select operator_id, team_id from charge_key",
    "member": "select operator_id, team_id from member",
    "member-group": "select operator_id, team_id from member_group",
    "price-group": "select operator_id, team_id from price_group",
    "site": "select operator_id, team_id from site",
    "tariff": "select operator_id, team_id from tariff",
}
# What a field is called that nobody reads in a line, only that it changed.
SECRET_WORDS = (
    "password", "passcode", "token", "secret", "sealed", "hash", "nonce", "custom_headers", "webhook_url", "recovery",
)  # fmt: skip
SECRET_NAMES = frozenset({"iban", "code"})
BLOT = "…"

NOBODYS = "select null::bigint as operator_id, null::bigint as team_id"


async def note(
    tx: Transaction,
    asked_by: Viewer,
    deed: str,
    entity_type: str,
    entity_id: object,
    *,
    now: datetime,
    detail: Mapping[str, object] | None = None,
) -> None:
    """Keep who did `deed` to what. `detail` must be JSON-like and hold no secrets; see `changed` for edits.

    The line is the thing's operator's and team's, so that a sub-operator reads what was done to its things from above.
    """
    known = entity_type in OWNERS and str(entity_id).isdigit()
    owner = f"select * from ({OWNERS[entity_type]} where id = $12) as found" if known else NOBODYS
    await tx.execute(
        f"""insert into audit (operator_id, team_id, by_operator_id, at, who, user_id, api_key_id, deed, entity_type,
              entity_id, detail)
            select coalesce(owner.operator_id, $1), coalesce(owner.team_id, $2), $3::bigint, $4::timestamptz, $5::text,
              $6::bigint, $7::bigint, $8::text, $9::text, $10::text, $11::jsonb
            from (select) as once left join ({owner}) as owner on true""",
        asked_by.operator_id, _own_team(asked_by), asked_by.operator_id, now, asked_by.name, asked_by.user_id,
        asked_by.api_key_id, deed, entity_type, str(entity_id), detail, *([int(str(entity_id))] if known else []),
    )  # fmt: skip


def changed(before: Mapping[str, Any] | Record, after: Mapping[str, Any]) -> dict[str, object]:
    """Say what an edit changed: under `changes`, each field that differs with its value before and after.

    Of secrets (see SECRET_WORDS) it says only whether there was one and is one.
    """
    pairs = {name: (before.get(name), value) for name, value in after.items() if name != "updated_at"}
    differing = {name: pair for name, pair in pairs.items() if pair[0] != pair[1] and _said(pair[0]) != _said(pair[1])}
    return {"changes": {name: [_shown(name, value) for value in pair] for name, pair in differing.items()}}


def _shown(name: str, value: Any) -> object:
    secret = name in SECRET_NAMES or isinstance(value, bytes) or any(word in name for word in SECRET_WORDS)
    return BLOT if secret and value is not None else _said(value)


def _said(value: Any) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(name): _shown(str(name), each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_said(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _own_team(asked_by: Viewer) -> int | None:
    return asked_by.team_ids[0] if asked_by.team_ids is not None and len(asked_by.team_ids) == 1 else None
