"""The options of `wattline terminal`."""

import asyncio
import secrets
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from wattline.main.demo import paper
from wattline.main.options import Json
from wattline.main.terminal import BadTerminal
from wattline.main.terminal.customer import Card, CardRefused, Customer, GivenUp, Sale
from wattline.main.terminal.hooks import hearing
from wattline.main.terminal.server import AnswerLost, Server, ServerSaysNo
from wattline.main.terminal.slip import Slip
from wattline.operations.chance import ALPHABET

Flag = Parameter(negative="")
CARD_REFUSED, SERVER_SAID_NO, GAVE_UP = 3, 4, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which server is played against, and with which key."""

    charge_point: int | None = None
    """Id of the charge point in the Partner API; with --demo the first one, where a car stands plugged in."""
    url: str = "http://localhost:8400"
    """Where the server is."""
    client_id: str | None = None
    """Of an API key with charge-points:read, charge-transactions:read and control-charging:write."""
    client_secret: Annotated[str | None, Parameter(env_var="WATTLINE_TERMINAL_CLIENT_SECRET")] = None
    """Of the same key. Better given by WATTLINE_TERMINAL_CLIENT_SECRET, which other users cannot read."""
    demo: Path | None = None
    """A demo's demo.json; brings address, key and charge point."""
    team: int | None = None
    """The paying team; the charge point's own when not given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tap:
    """What is held to the reader, and what the terminal tells of it."""

    provider: str = "wattline-terminal"
    """The slug that names you as provider."""
    card_brand: str = "visa"
    """Of the card that is tapped."""
    card_last4: str = "4242"
    """Of the card that is tapped."""
    reserve: Decimal | None = None
    """The amount reserved on the card, in the main unit."""
    price_per_kwh: Decimal | None = None
    """With --reserve this limits the kWh; it is billed when the server tells no price."""
    refuse_card: Annotated[bool, Flag] = False
    """The card is declined; no charge is started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How the sale goes on."""

    listen: str | None = None
    """HOST:PORT to hear webhooks at, port 0 for any free one. Without it the terminal polls."""
    stop_at_kwh: float | None = None
    """The driver stops after so much energy."""
    stop_after: float | None = None
    """The driver stops after so many seconds."""
    lose_answer: Annotated[bool, Flag] = False
    """Throw the answer to the start away, and find the charge again by our own id."""
    patience: float = 3600.0
    """Give up after so many seconds."""


@dataclass(frozen=True, slots=True)
class _Shop:
    url: str
    credentials: tuple[str, str]
    charge_point_id: int


def terminal(
    *,
    place: Annotated[Place, Parameter(name="*")] = Place(),  # Frozen.
    tap: Annotated[Tap, Parameter(name="*")] = Tap(),
    course: Annotated[Course, Parameter(name="*")] = Course(),
    json: Json = False,
) -> int:
    """Play a payment terminal: tap a card, charge, and bill, over the Partner API of any server.

    Exit codes: 0 billed, 3 card refused, 4 the server said no, 5 the charge did not end in time.
    """
    shop = _shop_at(place)
    if len(tap.card_last4) != 4 or not tap.card_last4.isdecimal():
        raise BadTerminal("--card-last4 must be four digits.")
    sale = Sale(
        charge_point_id=shop.charge_point_id,
        paying_team_id=place.team,
        provider=tap.provider,
        external_id="".join(secrets.choice(ALPHABET) for _ in range(8)),
        partner_external_id=f"terminal-{secrets.token_hex(8)}",
        reserved=tap.reserve,
        price_per_kwh=tap.price_per_kwh,
        stop_at_kwh=course.stop_at_kwh,
        stop_after_seconds=course.stop_after,
        lose_answer=course.lose_answer,
        patience_seconds=course.patience,
    )
    card = Card(brand=tap.card_brand, last4=tap.card_last4, refused=tap.refuse_card)
    return asyncio.run(_play(Server(shop.url), sale, card, Slip(as_json=json), shop.credentials, course.listen))


def _shop_at(place: Place) -> _Shop:
    url, client_id, client_secret = place.url, place.client_id, place.client_secret
    charge_point = place.charge_point
    if place.demo is not None:
        found = _read(place.demo)
        url, client_id, client_secret = found.web or url, found.api.client_id, found.api.client_secret
        charge_point = charge_point or found.charge_points[0].id
    if charge_point is None or not client_id or not client_secret:
        raise BadTerminal("Give --demo DEMO.JSON, or --charge-point, --client-id and the key's secret.")
    return _Shop(url, (client_id, client_secret), charge_point)


def _read(demo: Path) -> paper.DemoPaper:
    found = paper.read(demo.parent)
    if found is None:
        raise BadTerminal(f"There is no {demo}. It is written by `wattline serve` with its demo.")
    return found


async def _play(
    server: Server, sale: Sale, card: Card, slip: Slip, credentials: tuple[str, str], listen: str | None
) -> int:
    try:
        await server.log_in(*credentials)
        slip.say("ready", f"Connected to {server.url}. Hold your card to the reader.", url=server.url)
        async with AsyncExitStack() as stack:
            hooks = None
            if listen is not None:
                host, _, port = listen.rpartition(":")
                place = (host or "127.0.0.1", int(port))
                hooks = await stack.enter_async_context(hearing(server, *place, secrets.token_urlsafe(24)))
            await Customer(server, sale, card, slip, hooks).charge()
        return 0
    except CardRefused:
        return CARD_REFUSED
    except ServerSaysNo as no:
        slip.say("refused", f"The server says no: {no}", status=no.status, code=no.code, message=str(no))
        return SERVER_SAID_NO
    except (GivenUp, AnswerLost) as gave_up:
        slip.say("gave-up", str(gave_up))
        return GAVE_UP
    except KeyboardInterrupt:
        sys.stdout.write("\n")
        return GAVE_UP
    finally:
        await server.close()
