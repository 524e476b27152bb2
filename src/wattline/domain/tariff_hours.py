"""Hourly prices that somebody brings in: from a program or a file, for tariffs whose prices no week repeats."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from wattline.domain.price_terms import TariffStep
from wattline.domain.refusals import Invalid, Refusal
from wattline.domain.spot_file import delimiter_of, is_time
from wattline.domain.tariff import DAYS_MAX, HOURS_A_DAY, must_be_price
from wattline.domain.usage import HOUR

# Three years of hours, one line each, are smaller.
FILE_BYTES_MAX = 2_000_000
HOURS_MAX = DAYS_MAX * HOURS_A_DAY
PROBLEMS_TOLD = 20
# What spreadsheets take for a formula; a price has a minus at most.
_FORMULA = ("=", "+", "@", "-")


class Problem(NamedTuple):
    """What is wrong in one line of a file; line 0 is the file as a whole."""

    line: int
    words: str


class TariffFileRefused(Refusal):
    """A file with hourly prices that cannot be taken; nothing of it is."""

    code = "TARIFF_FILE_REFUSED"

    def __init__(self, problems: Sequence[Problem]) -> None:
        told = [f"line {each.line}: {each.words}" if each.line else each.words for each in problems]
        super().__init__(f"The file was not taken. {' '.join(told[:PROBLEMS_TOLD])}")
        self.problems = tuple(problems[:PROBLEMS_TOLD])
        self.untold = max(len(problems) - PROBLEMS_TOLD, 0)


def must_follow_each_other(steps: Sequence[TariffStep], *, time_zone: str) -> None:
    """Refuse hours that are none, that have no possible price, come twice or leave a hole. Raises Invalid.

    Steps are in order of time.
    """
    if not 0 < len(steps) <= HOURS_MAX:
        raise Invalid("prices", f"must be from 1 to {HOURS_MAX} hours.")
    zone = ZoneInfo(time_zone)
    for step in steps:
        if not _begins_hour(step.from_at, zone):
            raise Invalid("prices.start", f"{step.from_at.isoformat()} does not begin an hour.")
        must_be_price(step.price)
    for before, after in pairwise(steps):
        _must_be_next(before.from_at, after.from_at, zone)


def read_tariff_file(content: bytes, *, time_zone: str) -> list[TariffStep]:
    """Read lines of a time and a price, in any order; a first line without a time is a heading.

    Times are ISO 8601. Those without an offset are on the tariff's clocks: where these go back, the hour stands there
    twice, first the earlier one. Raises TariffFileRefused with everything that is wrong, line by line.
    """
    text = _decoded(content)
    zone = ZoneInfo(time_zone)
    seen: dict[datetime, int] = {}
    steps: list[TariffStep] = []
    problems: list[Problem] = []
    for number, fields in _rows(text):
        try:
            step = _step(fields, zone, seen)
            if step.from_at in seen:
                raise Invalid("file", f"has the hour of line {seen[step.from_at]} again.")
        except Invalid as refusal:
            problems.append(Problem(number, refusal.problem))
            continue
        seen[step.from_at] = number
        steps.append(step)
    if not steps and not problems:
        problems.append(Problem(0, "It has no prices. Each line is an hour and a price."))
    if not problems:
        problems = _holes(sorted(steps), seen, zone)
    if problems:
        raise TariffFileRefused(problems)
    return sorted(steps)


def _decoded(content: bytes) -> str:
    if len(content) > FILE_BYTES_MAX:
        raise TariffFileRefused([Problem(0, f"It is larger than {FILE_BYTES_MAX // 1_000_000} MB. Send it in parts.")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise TariffFileRefused([Problem(0, "It is not a text in UTF-8. Save it as “CSV UTF-8”.")])
    return text


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    lines = text.splitlines()
    for number, fields in enumerate(csv.reader(lines, delimiter=delimiter_of(text)), start=1):
        if any(fields) and (number > 1 or is_time(fields[0]) or fields[0].startswith(_FORMULA)):
            yield number, [field.strip() for field in fields]


def _step(fields: Sequence[str], zone: ZoneInfo, seen: Iterable[datetime]) -> TariffStep:
    if any(field.startswith(_FORMULA) and not _is_number(field) for field in fields):
        raise Invalid("file", "holds a formula. Paste its value instead.")
    if len(fields) < 2:
        raise Invalid("file", f"is not an hour and a price: {';'.join(fields)[:60]}")
    at = _moment(fields[0], zone, seen)
    try:
        price = Decimal(fields[1].replace(",", "."))
    except InvalidOperation:
        raise Invalid("file", f"“{fields[1][:40]}” is not a price, such as 0.32.") from None
    try:
        must_be_price(price)
    except Invalid as refusal:
        raise Invalid("file", f"the price {refusal.problem}") from None
    return TariffStep(at, price)


def _moment(text: str, zone: ZoneInfo, seen: Iterable[datetime]) -> datetime:
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("file", f"“{text[:40]}” is not a time, such as 2026-11-20T14:00.") from None
    if not MINYEAR < told.year < MAXYEAR:
        # Elsewhere on earth it is a year that cannot be counted.
        raise Invalid("file", f"{text} is not a time that a price can have.")
    if told.tzinfo is None:
        local = told.replace(tzinfo=zone)
        if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != told:
            raise Invalid("file", f"{text} does not exist: clocks go forward there.")
        told = local if local.astimezone(UTC) not in seen else local.replace(fold=1)
    at = told.astimezone(UTC)
    if not _begins_hour(at, zone):
        raise Invalid("file", f"{text} does not begin an hour.")
    return at


def _holes(steps: Sequence[TariffStep], seen: dict[datetime, int], zone: ZoneInfo) -> list[Problem]:
    problems = []
    for before, after in pairwise(steps):
        try:
            _must_be_next(before.from_at, after.from_at, zone)
        except Invalid as refusal:
            problems.append(Problem(seen[before.from_at], f"after it {refusal.problem}"))
    return problems


def _must_be_next(before: datetime, after: datetime, zone: ZoneInfo) -> None:
    if after <= before:
        raise Invalid("prices.start", f"{after.isoformat()} comes twice, or out of order.")
    if after != before + HOUR:
        missing = (before + HOUR).astimezone(zone)
        raise Invalid("prices", f"there is no price for {missing:%A %Y-%m-%d} at {missing:%H:%M} local time.")


def _begins_hour(at: datetime, zone: ZoneInfo) -> bool:
    local = at.astimezone(zone)
    return timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond) == timedelta()


def _is_number(text: str) -> bool:
    try:
        Decimal(text.replace(",", "."))
    except InvalidOperation:
        return False
    return True
