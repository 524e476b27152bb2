"""Where things are: the addresses people, programs and charge points use."""

import msgspec

from wattline.settings import Settings


def web_url(settings: Settings) -> str:
    """Return the address of the Portal. On this machine it says localhost: passkeys refuse bare addresses."""
    return settings.web.public_url or f"http://{_named(settings.web.host)}:{settings.web.port}"


def ocpp_url(settings: Settings) -> str:
    """Return the address charge points get; they add "/" and their identity."""
    return settings.ocpp.public_url or f"ws://{_named(settings.ocpp.host)}:{settings.ocpp.port}/ocpp"


def with_ports(settings: Settings, *, web: int, ocpp: int) -> Settings:
    """Put the ports that were really opened in the place of 0."""
    return msgspec.structs.replace(
        settings,
        web=msgspec.structs.replace(settings.web, port=web),
        ocpp=msgspec.structs.replace(settings.ocpp, port=ocpp),
    )


def with_database(settings: Settings, url: str) -> Settings:
    """Name the database that was started."""
    return msgspec.structs.replace(settings, database=msgspec.structs.replace(settings.database, url=url))


def _named(host: str) -> str:
    if host in ("127.0.0.1", "::1", "0.0.0.0", "::"):  # noqa: S104 - compared, not listened on
        return "localhost"
    return f"[{host}]" if ":" in host else host
