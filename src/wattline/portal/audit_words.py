"""Lines of the audit log in words: what was done to what, and how it was before and after."""

from typing import Any

VALUE_LENGTH_MAX = 120

# Where the page of a thing is, for those that have one; {} is its id.
PAGES = {
    "charge": "/charges/{}", "charge-key": "/charge-keys/{}", "site": "/sites/{}", "team": "/teams/{}",
    "member": "/members/{}", "member-group": "/member-groups/{}", "price-group": "/prices/{}", "tariff": "/tariffs/{}",
    "wallet": "/wallets/{}", "box": "/charge-points/{}", "api-key": "/api-and-webhooks/{}",
}  # fmt: skip


def said(code: str) -> str:
    """Write a name of ours as people read it: “report-lost” becomes “Report lost”."""
    text = code.replace("-", " ").replace("_", " ")
    return text[:1].upper() + text[1:]


def details(line: Any) -> list[str]:
    """Say what was told with a line: changes with before and after, then everything else."""
    told = line["detail"] if isinstance(line["detail"], dict) else {}
    changes = told.get("changes")
    lines = [f"{said(name)}: {_value(old)} → {_value(new)}" for name, (old, new) in _pairs(changes)]
    return lines + [f"{said(name)}: {_value(value)}" for name, value in told.items() if name != "changes"]


def doer(line: Any) -> str:
    """Say what kind of somebody did it."""
    if line["user_id"] is not None:
        return "Person"
    return "Program" if line["api_key_id"] is not None else "Command line or Wattline itself"


def page_of_thing(line: Any) -> str:
    """Return the address of the thing's page; nothing when it has none."""
    return PAGES.get(line["entity_type"], "").format(line["entity_id"])


def _pairs(changes: Any) -> list[tuple[str, tuple[Any, Any]]]:
    items = changes.items() if isinstance(changes, dict) else ()
    return [(name, (pair[0], pair[1])) for name, pair in items if isinstance(pair, list) and len(pair) == 2]


def _value(value: Any) -> str:
    if value is None or value == "" or value == []:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)
    return text if len(text) <= VALUE_LENGTH_MAX else f"{text[:VALUE_LENGTH_MAX]}…"
