"""What charge points do otherwise than OCPP says, and what that means for their owner.

A deviation is noted, not punished: the message is read as it was most likely meant and answered by the book. The codes
are stored per charge point and shown to people, so a code never changes its meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from reprlib import Repr

import msgspec

SAMPLE_CHARACTERS_MAX = 120
"""How much of the offending text is kept: enough to recognise it, too little to hold a secret for long."""


# Shows a few levels and entries of whatever a charge point sent, however deep and large it is.
_SHORT = Repr()
_SHORT.maxlevel, _SHORT.maxstring, _SHORT.maxother = 3, SAMPLE_CHARACTERS_MAX, SAMPLE_CHARACTERS_MAX


class Code(StrEnum):
    """Every kind of deviation we can tell."""

    # The handshake
    SUBPROTOCOL_MISSING = "subprotocol-missing"
    SUBPROTOCOL_LIST = "subprotocol-list"
    CONNECTION_HEADER_MISSING = "connection-header-missing"
    REQUEST_LINE = "request-line"
    IDENTITY_PATH = "identity-path"
    IDENTITY_SPELLING = "identity-spelling"
    PASSWORD_FORM = "password-form"  # noqa: S105 the name of a deviation
    AUTHORIZATION_SCHEME = "authorization-scheme"
    # The socket
    BINARY_FRAME = "binary-frame"
    COMPRESSED_FRAME = "compressed-frame"
    FRAME_TOO_LARGE = "frame-too-large"
    NO_PONG = "no-pong"
    TWO_SOCKETS = "two-sockets"
    # The frame
    FRAME_UNREADABLE = "frame-unreadable"
    TEXT_REPAIRED = "text-repaired"
    TEXT_AROUND_FRAME = "text-around-frame"
    NOT_A_NUMBER = "not-a-number"
    MESSAGE_TYPE = "message-type"
    MESSAGE_ID_NOT_TEXT = "message-id-not-text"
    MESSAGE_ID_LENGTH = "message-id-length"
    PAYLOAD_MISSING = "payload-missing"
    EXTRA_ELEMENTS = "extra-elements"
    ERROR_INCOMPLETE = "error-incomplete"
    ACTION_UNKNOWN = "action-unknown"
    ACTION_WRONG_WAY = "action-wrong-way"
    # The conversation
    CALL_REPEATED = "call-repeated"
    CALL_BEFORE_ANSWER = "call-before-answer"
    MESSAGE_ID_REUSED = "message-id-reused"
    ANSWER_LATE = "answer-late"
    ANSWER_UNKNOWN = "answer-unknown"
    ANSWER_WRONG_WAY = "answer-wrong-way"
    BOOT_MISSING = "boot-missing"
    CALL_BEFORE_BOOT = "call-before-boot"
    # The payload
    PAYLOAD_REFUSED = "payload-refused"
    TEXT_TOO_LONG = "text-too-long"
    NULL_FIELD = "null-field"
    FIELD_MISSING = "field-missing"
    FIELD_SPELLING = "field-spelling"
    FIELD_UNUSABLE = "field-unusable"
    EXTRA_FIELD = "extra-field"
    UNKNOWN_VALUE = "unknown-value"
    NOT_A_LIST = "not-a-list"
    EMPTY_LIST = "empty-list"
    NUMBER_FOR_TEXT = "number-for-text"
    TEXT_FOR_NUMBER = "text-for-number"
    TEXT_FOR_BOOLEAN = "text-for-boolean"
    STRUCTURE_FOR_TEXT = "structure-for-text"
    NUMBER_NOT_WHOLE = "number-not-whole"
    # Clocks
    TIME_FORMAT = "time-format"
    TIME_WITHOUT_ZONE = "time-without-zone"
    TIME_UNREADABLE = "time-unreadable"
    TIME_MISSING = "time-missing"
    CLOCK_NOT_SET = "clock-not-set"
    CLOCK_AHEAD = "clock-ahead"
    # Meters
    ENTRY_DROPPED = "entry-dropped"
    METER_VALUE_UNREADABLE = "meter-value-unreadable"
    UNIT_MISSING = "unit-missing"
    UNIT_MISMATCH = "unit-mismatch"
    UNIT_MISLABELLED = "unit-mislabelled"
    METER_WENT_BACK = "meter-went-back"
    METER_PLACEHOLDER = "meter-placeholder"
    # Transactions and keys
    TRANSACTION_UNKNOWN = "transaction-unknown"
    TRANSACTION_ID_PLACEHOLDER = "transaction-id-placeholder"
    TRANSACTION_GUESSED = "transaction-guessed"
    TRANSACTION_REPEATED = "transaction-repeated"
    STATUS_BEFORE_STOP = "status-before-stop"
    TAG_SPELLING = "tag-spelling"
    FREE_VENDING = "free-vending"
    PROFILE_IGNORED = "profile-ignored"


class Deviation(msgspec.Struct, frozen=True, gc=False):
    """One thing a charge point did otherwise: what, where in the message, and the text that showed it."""

    code: Code
    path: str = ""
    sample: str = ""


def deviation(code: Code, path: str = "", sample: object = "") -> Deviation:
    """Note a deviation; `sample` is cut to a length that is safe to keep."""
    text = sample if isinstance(sample, str) else _SHORT.repr(sample)
    return Deviation(code, path, storable(text[:SAMPLE_CHARACTERS_MAX]))


def storable(text: str) -> str:
    """Replace what PostgreSQL keeps in no text: NUL and halves of surrogate pairs."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")


@dataclass(frozen=True, slots=True)
class Meaning:
    """A deviation in plain words for the owner of the charge point."""

    title: str
    sentence: str


MEANINGS: Mapping[Code, Meaning] = {
    Code.SUBPROTOCOL_MISSING: Meaning(
        "Does not say which OCPP it speaks",
        "The charge point connected without naming an OCPP version. We took it for OCPP 1.6.",
    ),
    Code.SUBPROTOCOL_LIST: Meaning(
        "Lists its OCPP versions oddly",
        "The list of OCPP versions had an empty or misspelt entry. We took the first one we know.",
    ),
    Code.CONNECTION_HEADER_MISSING: Meaning(
        "Connects with an incomplete request",
        "The request to connect lacked its 'Connection: Upgrade' line. Other systems may refuse this charge point.",
    ),
    Code.REQUEST_LINE: Meaning(
        "Connects to an address with forbidden characters",
        "The address had spaces or special characters in it. Check the address and name set in the charge point.",
    ),
    Code.IDENTITY_PATH: Meaning(
        "Connects to an odd address",
        "The address had extra slashes or parts around the name. Check the server address set in the charge point.",
    ),
    Code.IDENTITY_SPELLING: Meaning(
        "Spells its name in another way",
        "Upper and lower case or special characters of its name differ from what is registered here.",
    ),
    Code.PASSWORD_FORM: Meaning(
        "Sends its password in another form",
        "The password arrived decoded from, or written as, hexadecimal text. It matched all the same.",
    ),
    Code.AUTHORIZATION_SCHEME: Meaning(
        "Logs in with a misspelt header",
        "The word 'Basic' in the login was written in another way than the web standard says.",
    ),
    Code.BINARY_FRAME: Meaning(
        "Sends text as binary data", "A message came as binary data. OCPP messages are text; we read it as text."
    ),
    Code.COMPRESSED_FRAME: Meaning(
        "Compresses without asking", "A message was compressed although that was not agreed. We had to hang up."
    ),
    Code.FRAME_TOO_LARGE: Meaning(
        "Sends messages that are too large", "A message was larger than the limit of this server. We had to hang up."
    ),
    Code.NO_PONG: Meaning(
        "Does not answer pings",
        "The charge point does not answer our keep-alive questions, so a broken line is noticed later.",
    ),
    Code.TWO_SOCKETS: Meaning(
        "Connected twice",
        "Two connections used the same name, one after the other. If it goes on, two charge points share one name.",
    ),
    Code.FRAME_UNREADABLE: Meaning(
        "Sends unreadable messages", "A message was not valid JSON or not an OCPP message, and could not be repaired."
    ),
    Code.TEXT_REPAIRED: Meaning(
        "Sends damaged text",
        "Some characters in a message were broken. We replaced them; names or keys in it may look odd.",
    ),
    Code.TEXT_AROUND_FRAME: Meaning(
        "Sends stray characters around messages", "There were stray bytes before or after a message. We ignored them."
    ),
    Code.NOT_A_NUMBER: Meaning(
        "Sends impossible numbers",
        "A number was 'not a number', infinite or far too large. We treated it as not given.",
    ),
    Code.MESSAGE_TYPE: Meaning(
        "Sends an unknown kind of message", "A message had a type number that this version of OCPP does not know."
    ),
    Code.MESSAGE_ID_NOT_TEXT: Meaning(
        "Numbers its messages with numbers", "A message's id was a number; OCPP wants text. We answered with its text."
    ),
    Code.MESSAGE_ID_LENGTH: Meaning(
        "Uses message ids of a wrong length", "A message's id was empty or longer than the 36 characters OCPP allows."
    ),
    Code.PAYLOAD_MISSING: Meaning(
        "Sends messages without content", "The content of a message was missing, null or an empty list."
    ),
    Code.EXTRA_ELEMENTS: Meaning(
        "Adds parts to its messages", "A message had more parts than OCPP allows. We ignored them."
    ),
    Code.ERROR_INCOMPLETE: Meaning(
        "Sends incomplete error messages", "An error came without its code, description or details."
    ),
    Code.ACTION_UNKNOWN: Meaning(
        "Asks for something OCPP does not know",
        "The charge point sent an action that is not part of its OCPP version. We answered that we do not know it.",
    ),
    Code.ACTION_WRONG_WAY: Meaning(
        "Sends commands meant for charge points", "It sent an action that only a server may send. We declined."
    ),
    Code.CALL_REPEATED: Meaning(
        "Repeats messages", "A message came again, for instance because our answer was lost. We counted it once."
    ),
    Code.CALL_BEFORE_ANSWER: Meaning(
        "Does not wait for answers", "It sent the next message before the answer to the last one. We answered both."
    ),
    Code.MESSAGE_ID_REUSED: Meaning(
        "Uses a message id twice", "Two different messages had the same id, so answers may be taken for one another."
    ),
    Code.ANSWER_LATE: Meaning(
        "Answers late", "An answer to one of our commands came after we had stopped waiting. We ignored it."
    ),
    Code.ANSWER_UNKNOWN: Meaning("Answers what was not asked", "An answer belonged to no command of ours."),
    Code.ANSWER_WRONG_WAY: Meaning(
        "Answers its own questions", "It sent an answer to a message that it had sent itself. We ignored it."
    ),
    Code.BOOT_MISSING: Meaning(
        "Does not introduce itself",
        "The charge point connected without a BootNotification. We went on with what it told us last time.",
    ),
    Code.CALL_BEFORE_BOOT: Meaning(
        "Talks before it introduces itself", "Other messages came before the BootNotification was answered."
    ),
    Code.PAYLOAD_REFUSED: Meaning(
        "Sends content we cannot use", "A message lacked something we cannot do without. We answered with an error."
    ),
    Code.TEXT_TOO_LONG: Meaning("Sends text that is too long", "A text is longer than OCPP allows. We kept all of it."),
    Code.NULL_FIELD: Meaning("Sends empty fields", "A field was null instead of being left out."),
    Code.FIELD_MISSING: Meaning("Leaves out a field", "A required field was missing. We used its usual value."),
    Code.FIELD_SPELLING: Meaning("Misspells field names", "A field's name had the wrong upper or lower case."),
    Code.FIELD_UNUSABLE: Meaning(
        "Sends an unusable field", "A field we can do without was unreadable. We left it out."
    ),
    Code.EXTRA_FIELD: Meaning("Sends extra fields", "A message had a field that OCPP does not know. We ignored it."),
    Code.UNKNOWN_VALUE: Meaning(
        "Uses words OCPP does not know",
        "A status, unit or other fixed word is not in OCPP's list. We took the nearest one, or 'Other'.",
    ),
    Code.NOT_A_LIST: Meaning("Sends one where a list belongs", "A list of one was sent without being a list."),
    Code.EMPTY_LIST: Meaning("Sends empty lists", "A list that needs at least one entry was empty."),
    Code.NUMBER_FOR_TEXT: Meaning("Sends a number where text belongs", "A value came as a number instead of text."),
    Code.TEXT_FOR_NUMBER: Meaning("Sends text where a number belongs", "A number came as text."),
    Code.TEXT_FOR_BOOLEAN: Meaning("Sends text where yes or no belongs", "Yes or no came as text or as a number."),
    Code.STRUCTURE_FOR_TEXT: Meaning("Sends a structure where text belongs", "A text field held a whole structure."),
    Code.NUMBER_NOT_WHOLE: Meaning("Sends fractions of whole numbers", "A number should be whole. We rounded it."),
    Code.TIME_FORMAT: Meaning("Writes times oddly", "A time was written in an unusual way, but its meaning is clear."),
    Code.TIME_WITHOUT_ZONE: Meaning(
        "Writes times without a time zone",
        "A time lacked its zone. We took it as UTC; if readings are hours off, check the charge point's clock.",
    ),
    Code.TIME_UNREADABLE: Meaning(
        "Sends unreadable times", "A time was empty or unreadable. We used the time the message arrived."
    ),
    Code.TIME_MISSING: Meaning("Leaves out the time", "A time was missing. We used the time the message arrived."),
    Code.CLOCK_NOT_SET: Meaning(
        "Clock not set",
        "A time was years ago (often 1970): the clock was not set yet. We used the time the message arrived.",
    ),
    Code.CLOCK_AHEAD: Meaning(
        "Clock ahead", "A time lies in the future. The clock is wrong, or it sends local time as if it were UTC."
    ),
    Code.ENTRY_DROPPED: Meaning(
        "Sends readings we cannot use", "A meter reading (or an entry of another list) was unknown or incomplete."
    ),
    Code.METER_VALUE_UNREADABLE: Meaning("Sends unreadable meter values", "A meter value was not a possible number."),
    Code.UNIT_MISSING: Meaning("Leaves out units", "A reading came without its unit. We used the usual one."),
    Code.UNIT_MISMATCH: Meaning("Uses the wrong unit", "A reading's unit does not fit what it measures."),
    Code.UNIT_MISLABELLED: Meaning(
        "Sends kWh labelled as Wh", "Energy is sent in kWh but labelled Wh. We multiplied it by 1,000."
    ),
    Code.METER_WENT_BACK: Meaning("Meter runs backwards", "A meter value was lower than an earlier one."),
    Code.METER_PLACEHOLDER: Meaning(
        "Sends zero before the meter is read", "The first reading of a charge was a placeholder, not the meter."
    ),
    Code.TRANSACTION_UNKNOWN: Meaning(
        "Speaks of unknown charges", "A message named a charge that we never heard begin. We kept the data."
    ),
    Code.TRANSACTION_ID_PLACEHOLDER: Meaning(
        "Uses impossible charge numbers", "A message named the charge by 0, -1 or another number we never give."
    ),
    Code.TRANSACTION_GUESSED: Meaning(
        "Ends charges under wrong numbers",
        "A charge was ended under a number we never gave. Only one running charge fitted, so we ended that one.",
    ),
    Code.TRANSACTION_REPEATED: Meaning(
        "Repeats starts or stops", "The same start or stop of a charge came again. We counted it once."
    ),
    Code.STATUS_BEFORE_STOP: Meaning(
        "Reports the end in the wrong order", "The connector was reported free before the charge was reported ended."
    ),
    Code.TAG_SPELLING: Meaning(
        "Spells charge keys in another way", "A key's number had spaces, separators or additions. We read through them."
    ),
    Code.FREE_VENDING: Meaning(
        "Charges without a key",
        "It began a charge under a tag of its own. Turn off free charging in its settings, or nobody pays for it.",
    ),
    Code.PROFILE_IGNORED: Meaning(
        "Ignores power limits", "This make accepts a charging profile and then does not follow it."
    ),
}
