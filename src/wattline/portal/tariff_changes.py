"""Who changed what of a tariff, in words."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from wattline.database.connection import Connection
from wattline.domain.access import Viewer
from wattline.domain.tariff import Weekday
from wattline.domain.tariff_week import DAYS, Stretch, when_words
from wattline.portal.price_changes import SHOWN, Change
from wattline.portal.tariff_weeks_shown import dates_words
from wattline.queries.price_changes import PriceChange, price_changes
from wattline.web.formats import Formats

DEEDS = {
    "create": "Made",
    "update": "Changed",
    "delete": "Deleted",
    "week": "Week changed",
    "publish": "Prices created",
    "import": "Prices imported",
}
NAMES = {"name": "name", "active": "in use", "time_zone": "time zone", "prices_with_vat": "VAT included",
         "description": "description"}  # fmt: skip


async def tariff_changes(connection: Connection, viewer: Viewer, tariff_id: int, formats: Formats) -> Sequence[Change]:
    """List the newest changes of a tariff."""
    found = await price_changes(connection, "tariff", tariff_id, viewer=viewer)
    return [
        Change(each.at, each.who, DEEDS.get(each.deed, each.deed), _details(each, formats)) for each in found[:SHOWN]
    ]


def _details(change: PriceChange, formats: Formats) -> str:
    was, became = change.was or {}, change.became or {}
    match change.deed:
        case "week":
            return _week_details(was, became, formats)
        case "publish" | "import":
            return (
                f"{formats.number(became.get('hours', 0))} hours from {became.get('start', '')[:16].replace('T', ' ')}"
            )
        case "update":
            said = [
                f"{words}: {_plain(was.get(key))} → {_plain(became.get(key))}"
                for key, words in NAMES.items()
                if was.get(key) != became.get(key)
            ]
            return "; ".join(said) or "nothing that shows"
    return f"“{became.get('name', '')}”" if change.deed == "create" else ""


def _week_details(was: Any, became: Any, formats: Formats) -> str:
    if not became:
        return f"{_dates(was, formats)} taken away"
    before = {tuple(each) for each in was.get("periods", ())}
    new = [each for each in became["periods"] if tuple(each) not in before]
    said = [f"{when_words(_stretch(each))} {formats.price(Decimal(each[4]))}" for each in new[:4]]
    more = [f"and {len(new) - 4} more"] if len(new) > 4 else []
    return f"{_dates(became, formats)}: {'; '.join([*said, *more]) or 'the same prices'}"


def _stretch(period: Sequence[Any]) -> Stretch:
    first, last = (DAYS.index(Weekday(each)) for each in period[:2])
    return Stretch(first, last, period[2], period[3], Decimal(period[4]))


def _dates(state: Any, formats: Formats) -> str:
    return dates_words(date.fromisoformat(state["from"]), date.fromisoformat(state["to"]), formats)


def _plain(value: object) -> str:
    return (
        {True: "yes", False: "no", None: "nothing"}.get(value, str(value))
        if value in (True, False, None)
        else str(value)
    )
