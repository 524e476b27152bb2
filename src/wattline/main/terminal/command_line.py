"""The options of `wattline terminal`."""

import asyncio
import secrets
import sys
from contextlib import AsyncExitStack
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


def terminal(
    *,
    charge_point: int | None = None,
    url: str = "http://localhost:8400",
    client_id: str | None = None,
    client_secret: Annotated[str | None, Parameter(env_var="WATTLINE_TERMINAL_CLIENT_SECRET")] = None,
    demo: Path | None = None,
    team: int | None = None,
    provider: str = "wattline-terminal",
    card_brand: str = "visa",
    card_last4: str = "4242",
    reserve: Decimal | None = None,
    price_per_kwh: Decimal | None = None,
    listen: str | None = None,
    stop_at_kwh: float | None = None,
    stop_after: float | None = None,
    lose_answer: Annotated[bool, Flag] = False,
    refuse_card: Annotated[bool, Flag] = False,
    patience: float = 3600.0,
    json: Json = False,
) -> int:
    """Play a payment terminal: tap a card, charge, and bill, over the Partner API of any server.

    Exit codes: 0 billed, 3 card refused, 4 the server said no, 5 the charge did not end in time.

    Parameters
    ----------
    charge_point: Id of the charge point in the Partner API; with --demo the first one, where a car stands plugged in.
    url: Where the server is.
    client_id: Of an API key with charge-points:read, charge-transactions:read and control-charging:write.
    client_secret: Of the same key. Better given by WATTLINE_TERMINAL_CLIENT_SECRET, which other users cannot read.
    demo: A demo's demo.json; brings address, key and charge point.
    team: The paying team; the charge point's own when not given.
    provider: The slug that names you as provider.
    card_brand: Of the card that is tapped.
    card_last4: Of the card that is tapped.
    reserve: The amount reserved on the card, in the main unit.
    price_per_kwh: With --reserve this limits the kWh; it is billed when the server tells no price.
    listen: HOST:PORT to hear webhooks at, port 0 for any free one. Without it the terminal polls.
    stop_at_kwh: The driver stops after so much energy.
    stop_after: The driver stops after so many seconds.
    lose_answer: Throw the answer to the start away, and find the charge again by our own id.
    refuse_card: The card is declined; no charge is started.
    patience: Give up after so many seconds.
    """
    if demo is not None:
        found = _read(demo)
        url, client_id, client_secret = found.web or url, found.api.client_id, found.api.client_secret
        charge_point = charge_point or found.charge_points[0].id
    if charge_point is None or not client_id or not client_secret:
        raise BadTerminal("Give --demo DEMO.JSON, or --charge-point, --client-id and the key's secret.")
    if len(card_last4) != 4 or not card_last4.isdecimal():
        raise BadTerminal("--card-last4 must be four digits.")
    sale = Sale(
        charge_point_id=charge_point,
        paying_team_id=team,
        provider=provider,
        external_id="".join(secrets.choice(ALPHABET) for _ in range(8)),
        partner_external_id=f"terminal-{secrets.token_hex(8)}",
        reserved=reserve,
        price_per_kwh=price_per_kwh,
        stop_at_kwh=stop_at_kwh,
        stop_after_seconds=stop_after,
        lose_answer=lose_answer,
        patience_seconds=patience,
    )
    card = Card(brand=card_brand, last4=card_last4, refused=refuse_card)
    return asyncio.run(_play(Server(url), sale, card, Slip(as_json=json), (client_id, client_secret), listen))


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
