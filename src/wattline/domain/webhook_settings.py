"""Which webhooks can be set: addresses, secrets, event types and headers that make sense."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from wattline.domain.refusals import Invalid

# Partner API 4.1.
URL_LENGTH_MAX = 191

SECRET_LENGTH_MIN, SECRET_LENGTH_MAX = 16, 191

EVENT_TYPES_MAX = 512

CUSTOM_HEADERS_MAX = 5

TEAMS_MAX = 100

# Long enough for a bearer token, short enough for every server's limit on header lines.
HEADER_VALUE_LENGTH_MAX = 2048

EVENT_TYPES = (
    "charges",
    "charge-points",
    "sites",
    "users",
    "team-members",
    "teams",
    "installer-jobs",
    "wallet-transactions",
    "price-groups",
    "subscriptions",
    "plans",
    "charge-auth-tokens",
    "reports",
    "ocpp-messages",
    "charge-points-protocol-updates",
)

_HEADER_NAME = re.compile(r"[Xx]-[A-Za-z0-9_-]{1,100}")

_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """Where to send what. `event_types` may be ("*",); `team_ids` None means every team."""

    url: str
    secret: str
    event_types: Sequence[str]
    custom_headers: Mapping[str, str] | None = None
    team_ids: Sequence[int] | None = None


def must_make_sense(settings: WebhookSettings, *, http_allowed: bool) -> None:
    """Raise Invalid, naming the field, when a webhook with these settings could never work."""
    _check_url(settings.url, http_allowed=http_allowed)
    if not SECRET_LENGTH_MIN <= len(settings.secret) <= SECRET_LENGTH_MAX:
        raise Invalid("webhookSecret", f"must have {SECRET_LENGTH_MIN} to {SECRET_LENGTH_MAX} characters.")
    if len(settings.event_types) > EVENT_TYPES_MAX:
        raise Invalid("eventTypes", f"must be at most {EVENT_TYPES_MAX}.")
    for event_type in settings.event_types:
        if event_type != "*" and event_type not in EVENT_TYPES:
            raise Invalid("eventTypes", f"'{event_type}' is not an event type. Known are: *, {', '.join(EVENT_TYPES)}.")
    if len(settings.team_ids or ()) > TEAMS_MAX:
        raise Invalid("teamIds", f"must be at most {TEAMS_MAX}.")
    _check_headers(settings.custom_headers or {})


def _check_url(url: str, *, http_allowed: bool) -> None:
    schemes = ("https", "http") if http_allowed else ("https",)
    if len(url) > URL_LENGTH_MAX:
        raise Invalid("webhookUrl", f"must have at most {URL_LENGTH_MAX} characters.")
    try:
        parts = urlsplit(url)
        host = parts.hostname
        assert parts.port != 0
    except (ValueError, AssertionError):
        raise Invalid("webhookUrl", "is not a URL.") from None
    if parts.scheme not in schemes or not host or any(character <= " " for character in url):
        raise Invalid("webhookUrl", f"must be a URL that begins with {schemes[0]}://.")


def _check_headers(headers: Mapping[str, str]) -> None:
    if len(headers) > CUSTOM_HEADERS_MAX:
        raise Invalid("customHeaders", f"must be at most {CUSTOM_HEADERS_MAX}.")
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise Invalid("customHeaders", f"'{name}' must begin with X- and have letters, digits and hyphens only.")
        if not _HEADER_VALUE.fullmatch(value) or len(value) > HEADER_VALUE_LENGTH_MAX:
            raise Invalid("customHeaders", f"the value of {name} must be plain text on one line.")
