"""What real charge points do differently, to be switched on one by one. The codes are those of the field notes."""

from dataclasses import dataclass
from enum import StrEnum


class Quirk(StrEnum):
    """A deviation from the rules that somebody's hardware really has."""

    NO_SUBPROTOCOL = "H1"
    EMPTY_SUBPROTOCOL = "H2"
    NO_CONNECTION_HEADER = "H3"
    ODD_SLASHES = "H4"
    OTHER_CASE = "H5"
    RAW_KEY = "H6"
    BASIC_COLON = "H7"
    NO_PONG = "H11"
    NO_BOOT_ON_RECONNECT = "B1"
    STATUS_BEFORE_BOOT = "B2"
    SLOW_ANSWERS = "B5"
    NO_HEARTBEATS = "B6"
    CLOCK_STARTS_IN_1970 = "B7"
    LONG_SERIAL = "F1"
    NULLS = "F2"
    WRONG_ENUMS = "F3"
    METER_VALUE_OBJECT = "F4"
    EXTRA_PROPERTIES = "F5"
    PRETTY_JSON = "F6"
    SHORT_OFFSET = "F7"
    NO_ZONE = "F7b"
    TAG_WITH_SERIAL = "F9"
    TAG_WITH_SPACE = "F10"
    STOP_WITH_ZERO = "T1"
    RANDOM_TRANSACTION_IDS = "T2"
    AVAILABLE_BEFORE_STOP = "T3"
    REPEATED_START = "T4"
    REPEATED_STOP = "T5"
    METER_START_ZERO = "T6"
    SESSION_REGISTER = "T6b"
    METER_STOP_BELOW_START = "T6c"
    BEGIN_WITH_ZERO = "T7"
    KWH_LABELLED_WH = "T8"
    ROUNDED_KWH = "T8b"
    READINGS_AFTER_STOP = "T9"
    ODD_PHASES = "T10"
    NO_METER_VALUES = "T11"
    FREE_VEND = "T12"
    TRIGGER_NEEDS_CONNECTOR = "C1"
    NO_START_IN_FINISHING = "C2"
    PROFILE_REJECTED = "C6"
    NO_START_WITH_PROFILE = "C7"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A quirk in a sentence, and whether it breaks the official schemas on purpose."""

    sentence: str
    breaks_schema: bool = False


MEANINGS = {
    Quirk.NO_SUBPROTOCOL: Meaning("asks for no WebSocket subprotocol"),
    Quirk.EMPTY_SUBPROTOCOL: Meaning("begins its list of subprotocols with an empty one"),
    Quirk.NO_CONNECTION_HEADER: Meaning("sends no Connection: Upgrade header"),
    Quirk.ODD_SLASHES: Meaning("dials with three slashes before its identity and one behind"),
    Quirk.OTHER_CASE: Meaning("writes its identity in lower case"),
    Quirk.RAW_KEY: Meaning("sends its hexadecimal password as the bytes it stands for"),
    Quirk.BASIC_COLON: Meaning("writes the scheme of its password as `Basic:`"),
    Quirk.NO_PONG: Meaning("answers no ping"),
    Quirk.NO_BOOT_ON_RECONNECT: Meaning("sends no BootNotification when it reconnects"),
    Quirk.STATUS_BEFORE_BOOT: Meaning("sends its statuses before its BootNotification"),
    Quirk.SLOW_ANSWERS: Meaning("answers a command only after 45 seconds"),
    Quirk.NO_HEARTBEATS: Meaning("sends no heartbeats"),
    Quirk.CLOCK_STARTS_IN_1970: Meaning("stamps everything 1970 until told the time; counts message ids from 1"),
    Quirk.LONG_SERIAL: Meaning("has a serial number and a model that are too long", breaks_schema=True),
    Quirk.NULLS: Meaning("sends optional fields as null", breaks_schema=True),
    Quirk.WRONG_ENUMS: Meaning("sends error code Error, unit Hz and unknown measurands", breaks_schema=True),
    Quirk.METER_VALUE_OBJECT: Meaning("sends meterValue as an object", breaks_schema=True),
    Quirk.EXTRA_PROPERTIES: Meaning("adds properties that no schema knows", breaks_schema=True),
    Quirk.PRETTY_JSON: Meaning("sends JSON with line breaks and spaces before commas"),
    Quirk.SHORT_OFFSET: Meaning("writes times with an hour-only offset, as 14:35:02+02", breaks_schema=True),
    Quirk.NO_ZONE: Meaning("writes times without a zone", breaks_schema=True),
    Quirk.TAG_WITH_SERIAL: Meaning("adds _serial to every idTag", breaks_schema=True),
    Quirk.TAG_WITH_SPACE: Meaning("begins every idTag with a space"),
    Quirk.STOP_WITH_ZERO: Meaning("stops with transactionId 0"),
    Quirk.RANDOM_TRANSACTION_IDS: Meaning("sends transactionId -1 in MeterValues"),
    Quirk.AVAILABLE_BEFORE_STOP: Meaning("sends Available before StopTransaction, also after being offline"),
    Quirk.REPEATED_START: Meaning("sends every StartTransaction twice"),
    Quirk.REPEATED_STOP: Meaning("sends every StopTransaction twice, the second time two seconds later"),
    Quirk.METER_START_ZERO: Meaning("always says meterStart 0"),
    Quirk.SESSION_REGISTER: Meaning("counts its register from 0 in every session"),
    Quirk.METER_STOP_BELOW_START: Meaning("says a meterStop 1 Wh below the truth"),
    Quirk.BEGIN_WITH_ZERO: Meaning("sends Transaction.Begin readings of 0"),
    Quirk.KWH_LABELLED_WH: Meaning("sends kWh and labels them Wh"),
    Quirk.ROUNDED_KWH: Meaning("sends whole kWh in MeterValues and Wh in StartTransaction"),
    Quirk.READINGS_AFTER_STOP: Meaning("sends the last MeterValues after StopTransaction"),
    Quirk.ODD_PHASES: Meaning("labels voltage N only, current L1-N, and energy L1 without a total"),
    Quirk.NO_METER_VALUES: Meaning("accepts every setting and never sends MeterValues"),
    Quirk.FREE_VEND: Meaning("charges whoever plugs in, under the tag FFFFFFFF"),
    Quirk.TRIGGER_NEEDS_CONNECTOR: Meaning("rejects TriggerMessage for MeterValues without a connector"),
    Quirk.NO_START_IN_FINISHING: Meaning("refuses a remote start until the cable was pulled"),
    Quirk.PROFILE_REJECTED: Meaning("rejects every charging profile"),
    Quirk.NO_START_WITH_PROFILE: Meaning("rejects a remote start that carries a profile"),
}

Quirks = frozenset[Quirk]
NO_QUIRKS: Quirks = frozenset()


def break_schema(quirks: Quirks) -> bool:
    """Tell whether these quirks send what the schemas forbid, so that our own check must look away."""
    return any(MEANINGS[quirk].breaks_schema for quirk in quirks)
