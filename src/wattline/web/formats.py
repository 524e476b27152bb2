"""How a viewer reads figures, units and times: by locale and time zone, through Babel. Nothing is always a dash."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, get_currency_precision
from markupsafe import Markup, escape

NOTHING = Markup('<span class="faint">–</span>')
MINUTE, HOUR, DAY = 60, 3600, 86_400


@cache
def locale_called(name: str) -> Locale:
    """Find Babel's locale for `en-DK` or `en_DK`; English when there is none by that name."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (ValueError, UnknownLocaleError):
        return Locale("en")


@cache
def zone_called(name: str) -> ZoneInfo:
    """Find the time zone; UTC when there is none by that name."""
    try:
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError):
        return ZoneInfo("UTC")


def figure(text: str, unit: str = "", css: str = "") -> Markup:
    """Join figure and unit by a narrow no-break space, the unit quieter: the one way a number is shown."""
    tail = Markup('&#8239;<span class="u">{}</span>').format(unit) if unit else ""
    return Markup('<span class="n{}">{}{}</span>').format(f" {css}" if css else "", text, tail)


@dataclass(frozen=True, slots=True)
class Formats:
    """One viewer's way to read, at one moment."""

    locale: Locale
    zone: ZoneInfo
    now: datetime

    @classmethod
    def of(cls, locale: str, time_zone: str, *, now: datetime) -> "Formats":
        """Make the formats of somebody who set this locale and time zone."""
        return cls(locale_called(locale), zone_called(time_zone), now)

    def number(self, value: float | Decimal, decimals: int = 0) -> str:
        """Group thousands and mark decimals as the locale does; a real minus sign."""
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        return str(format_decimal(value, format=pattern, locale=self.locale)).replace("-", "−")

    def power(self, watts: int | None, css: str = "") -> Markup:
        """Show power in kW with one decimal."""
        return NOTHING if watts is None else figure(self.number(watts / 1000, 1), "kW", css)

    def power_whole(self, watts: int, unit: str = "kW") -> Markup:
        """Show a big power without decimals, a small one with one."""
        return figure(self.number(watts / 1000, 0 if watts >= 100_000 or watts == 0 else 1), unit)

    def energy(self, watt_hours: int | None, decimals: int = 1, css: str = "") -> Markup:
        """Show energy in kWh."""
        return NOTHING if watt_hours is None else figure(self.number(watt_hours / 1000, decimals), "kWh", css)

    def percent(self, share: float | None, decimals: int = 0, css: str = "") -> Markup:
        """Show a share given in percent."""
        return NOTHING if share is None else figure(self.number(share, decimals), "%", css)

    def money(self, amount_minor: int | None, currency: str, css: str = "") -> Markup:
        """Show an amount of minor units in the currency's main unit."""
        if amount_minor is None:
            return NOTHING
        decimals = get_currency_precision(currency.upper())
        return figure(self.number(Decimal(amount_minor).scaleb(-decimals), decimals), currency.upper(), css)

    def signed_money(self, amount_minor: int, currency: str) -> Markup:
        """Show an amount that came in with a plus, one that went out with a minus."""
        shown = self.money(abs(amount_minor), currency)
        return Markup("{}\u2009{}").format("+" if amount_minor >= 0 else "−", shown)

    def price(self, price: Decimal) -> str:
        """Write a price of a unit: two decimals, and more where it has more."""
        return str(format_decimal(price, format="#,##0.00####", locale=self.locale)).replace("-", "−")

    def local(self, at: datetime) -> datetime:
        """Turn a moment into the viewer's wall clock."""
        return at.astimezone(self.zone)

    def clock(self, at: datetime | None) -> Markup | str:
        """Show the time of day to the second, as logs do."""
        return NOTHING if at is None else self.local(at).strftime("%H:%M:%S")

    def minute(self, at: datetime) -> str:
        """Show the time of day to the minute."""
        return self.local(at).strftime("%H:%M")

    def day(self, at: datetime) -> str:
        """Show weekday, day and month; the year too when it is another one."""
        skeleton = "EEEE d MMMM" if self.local(at).year == self.local(self.now).year else "EEEE d MMMM y"
        return format_date(self.local(at).date(), skeleton, locale=self.locale)

    def short_day(self, day: date) -> str:
        """Show day and month, for the axis of a chart."""
        return str(format_date(day, "d MMM", locale=self.locale))

    def when(self, at: datetime | None) -> Markup | str:
        """Show a moment as short as stays clear: the time today, else day and time, else the date."""
        if at is None:
            return NOTHING
        there, here = self.local(at), self.local(self.now)
        if there.date() == here.date():
            return there.strftime("%H:%M:%S")
        pattern = "d MMM HH:mm" if there.year == here.year else "d MMM y"
        return str(format_datetime(there, pattern, locale=self.locale))

    def full(self, at: datetime) -> str:
        """Show date and time to the second, for titles and files."""
        return self.local(at).strftime("%Y-%m-%d %H:%M:%S")

    def since(self, at: datetime | None) -> str:
        """Tell how long ago, in words: `38 min`, `1 h 20 min`, `6 d 4 h`."""
        return "" if at is None else lasted(self.now - at)

    def live_since(self, at: datetime) -> Markup:
        """Tell how long ago in a way that the page keeps counting."""
        return Markup('<time data-since="{}">{}</time>').format(at.isoformat(), self.since(at))

    def stopwatch(self, started_at: datetime, ended_at: datetime | None = None) -> Markup:
        """Count hours, minutes and seconds; the page goes on counting while there is no end."""
        text = stopwatch((ended_at or self.now) - started_at)
        if ended_at is not None:
            return Markup("<span>{}</span>").format(text)
        return Markup('<time data-stopwatch="{}">{}</time>').format(started_at.isoformat(), text)


def lasted(duration: timedelta) -> str:
    """Say a duration in its two largest units."""
    seconds = max(int(duration.total_seconds()), 0)
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        return _two(seconds // HOUR, "h", seconds % HOUR // MINUTE, "min")
    return _two(seconds // DAY, "d", seconds % DAY // HOUR, "h")


def _two(first: int, first_unit: str, second: int, second_unit: str) -> str:
    return f"{first} {first_unit} {second} {second_unit}" if second else f"{first} {first_unit}"


def stopwatch(duration: timedelta) -> str:
    """Write a duration as `26:04` or `1:26:04`."""
    seconds = max(int(duration.total_seconds()), 0)
    minutes = f"{seconds % HOUR // MINUTE:02}:{seconds % MINUTE:02}"
    return f"{seconds // HOUR}:{minutes}" if seconds >= HOUR else minutes


def marked(text: str, sought: str) -> Markup:
    """Set the first occurrence of what was searched for in bold."""
    at = text.casefold().find(sought.casefold()) if sought else -1
    if at < 0:
        return escape(text)
    return Markup("{}<b>{}</b>{}").format(text[:at], text[at : at + len(sought)], text[at + len(sought) :])
