"""Every knob, typed, with its default. `main` alone reads the environment and the command line and fills these in.

Lengths of time are whole seconds unless the name says otherwise, sizes are bytes.
"""

from pathlib import Path
from typing import Literal

from msgspec import Struct, field


class Web(Struct, frozen=True, kw_only=True):
    """The HTTP door: Portal, Partner API, health and metrics."""

    host: str = "127.0.0.1"
    port: int = 8400
    # What people type, when it differs from http://localhost:PORT, for instance behind a proxy.
    public_url: str | None = None
    # A session ends when nobody opened or sent anything for so long, and in any case so many days after the log-in.
    session_idle_minutes: int = 12 * 60
    session_days: int = 14
    # Addresses of proxies in front, comma-separated, whose X-Forwarded-For and -Proto headers are believed.
    trusted_proxies: str = "127.0.0.1"

    @property
    def url(self) -> str:
        """Where people find us: what links in letters begin with, whatever a browser says it asked for."""
        return self.public_url or f"http://localhost:{self.port}"


class Ocpp(Struct, frozen=True, kw_only=True):
    """The door for charge points."""

    host: str = "127.0.0.1"
    port: int = 8410
    public_url: str | None = None
    # Four times the longest message in our transcripts; a longer one closes the socket with 1009.
    frame_bytes_max: int = 128 * 1024
    heartbeat_seconds: int = 300
    ping_seconds: float = 60.0
    # A charge point that booted is left alone this long: some drop commands that come right behind the answer.
    settle_seconds: float = 2.0
    # A known charge point that never boots again may be sent commands after this much other traffic (field note B1).
    settle_without_boot_seconds: float = 10.0
    call_timeout_seconds: float = 30.0
    # Messages wait at most this long for company; so many readings at most are stored together.
    collect_milliseconds: int = 20
    collect_readings: int = 500
    # While PostgreSQL restarts, a charge point's call waits this long; then it gets an error, and sends it again.
    # Charge points give a call up after about 30 s.
    patience_seconds: float = 20.0
    # Wrong passwords per identity and per address in a minute, before further tries are refused unread.
    failures_per_minute: int = 10
    # Some charge points name no subprotocol at all (field note H1); they are taken to speak OCPP 1.6.
    allow_missing_subprotocol: bool = True


class Charging(Struct, frozen=True, kw_only=True):
    """How charges and charge keys behave; how long a charge may wait is a rule (domain/charge.py)."""

    # Hex characters of a charge key that people may add (4, 7 or 10 bytes); what charge points send is not bound by it.
    key_lengths: frozenset[int] = frozenset({8, 14, 20})


class Webhooks(Struct, frozen=True, kw_only=True):
    """The way out to partners' programs."""

    # New facts are looked for this often.
    every_seconds: float = 2.0
    retry_seconds: float = 60.0
    retry_hours_max: int = 24
    timeout_seconds: float = 10.0
    # Entries in one request.
    batch_max: int = 100
    # Development only: http and private addresses. The demo allows loopback.
    allow_private: bool = False
    allow_loopback: bool = False


class Mail(Struct, frozen=True, kw_only=True):
    """The way out for letters. Without a host they stay in the Portal's mailbox page."""

    host: str | None = None
    port: int = 587
    # starttls, tls (from the first byte, port 465) or none.
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = None
    sender: str = "Wattline <no-reply@localhost>"
    every_seconds: float = 5.0
    timeout_seconds: float = 30.0


class Payments(Struct, frozen=True, kw_only=True):
    """The way out to a payment provider; docs/payments.md says how to set one up."""

    # sandbox (pretended money, the default) or stripe.
    provider: str = "sandbox"
    # From Stripe's dashboard: sk_…, pk_… and whsec_…. While the last is changed it may be two, with a comma.
    stripe_secret_key: str | None = None
    stripe_publishable_key: str | None = None
    stripe_webhook_secret: str | None = None
    # Development only: another address that speaks Stripe's language.
    stripe_api_url: str | None = None
    # Ways to pay that not every account has.
    stripe_mobilepay: bool = False
    stripe_vipps: bool = False
    # Banks may take their time; after this the answer counts as lost, and is asked for again.
    timeout_seconds: float = 30.0
    # Development only: lets `stripe_api_url` lie on this machine.
    allow_loopback: bool = False

    def __repr__(self) -> str:
        """Name the provider only: a log line must never carry its keys."""
        return f"Payments({self.provider})"


class SingleSignOn(Struct, frozen=True, kw_only=True):
    """The way to operators' identity providers."""

    # How far into our own surroundings such a provider may be: an operator's administrator names its address.
    reach: Literal["public", "this_machine", "private_networks"] = "public"
    timeout_seconds: float = 10.0


class Retention(Struct, frozen=True, kw_only=True):
    """How long what piles up is kept; whole partitions are dropped."""

    frame_days: int = 3
    frame_bytes_max: int = 2_000_000_000
    log_days: int = 30


class Database(Struct, frozen=True, kw_only=True):
    """Where rows are kept."""

    # None: the embedded PostgreSQL in the data directory.
    url: str | None = None
    connections_max: int = 10


class Settings(Struct, frozen=True, kw_only=True):
    """All of it. Built once at start, handed down as an argument."""

    data_directory: Path
    # Mixed into the hashes of charge points' passwords and of tokens; made once, kept in the data directory.
    pepper: bytes
    log_level: str = "info"
    # json or console; auto writes console lines to a terminal and json elsewhere.
    log_format: str = "auto"
    demo: bool = True
    # Where the Portal drives emulated charge points; None when there are none.
    emulator_control_url: str | None = None
    web: Web = field(default_factory=Web)
    ocpp: Ocpp = field(default_factory=Ocpp)
    charging: Charging = field(default_factory=Charging)
    webhooks: Webhooks = field(default_factory=Webhooks)
    mail: Mail = field(default_factory=Mail)
    payments: Payments = field(default_factory=Payments)
    single_sign_on: SingleSignOn = field(default_factory=SingleSignOn)
    retention: Retention = field(default_factory=Retention)
    database: Database = field(default_factory=Database)

    def __repr__(self) -> str:
        """Name the place only: a log line must never carry the pepper or a database's password."""
        return f"Settings({self.data_directory})"
