"""How a charge point knocks: address, password and subprotocol, with the oddities of real ones."""

import base64
from dataclasses import dataclass
from urllib.parse import quote

from websockets.client import ClientProtocol
from websockets.http11 import Request
from websockets.typing import Subprotocol
from websockets.uri import WebSocketURI, parse_uri

from wattline.emulator.quirks import NO_QUIRKS, Quirk, Quirks

SUBPROTOCOL = Subprotocol("ocpp1.6")
# As the gateway's own: four times the longest message we know of.
FRAME_BYTES_MAX = 128 * 1024


@dataclass(frozen=True, slots=True)
class Address:
    """Where and as whom to knock. `url` ends before the identity, as in ws://127.0.0.1:8410/ocpp."""

    url: str
    identity: str
    password: str | None
    quirks: Quirks = NO_QUIRKS

    @property
    def uri(self) -> WebSocketURI:
        """The whole address, with the identity percent-encoded. Raises websockets.exceptions.InvalidURI."""
        identity = self.identity.lower() if Quirk.OTHER_CASE in self.quirks else self.identity
        encoded = quote(identity, safe="")
        odd = Quirk.ODD_SLASHES in self.quirks
        return parse_uri(f"{self.url.rstrip('/')}{'///' if odd else '/'}{encoded}{'/' if odd else ''}")


def knock(address: Address) -> tuple[ClientProtocol, Request]:
    """Prepare the protocol of one connection and its first request."""
    offered = None if Quirk.NO_SUBPROTOCOL in address.quirks else [SUBPROTOCOL]
    protocol = ClientProtocol(address.uri, subprotocols=offered, max_size=FRAME_BYTES_MAX)
    request = protocol.connect()
    request.headers["User-Agent"] = "wattline-emulator"
    if address.password is not None:
        request.headers["Authorization"] = _authorization(address, address.password)
    if Quirk.EMPTY_SUBPROTOCOL in address.quirks:
        del request.headers["Sec-WebSocket-Protocol"]
        request.headers["Sec-WebSocket-Protocol"] = f",{SUBPROTOCOL}"
    if Quirk.NO_CONNECTION_HEADER in address.quirks:
        del request.headers["Connection"]
    return protocol, request


def _authorization(address: Address, password: str) -> str:
    spelled = bytes.fromhex(password) if Quirk.RAW_KEY in address.quirks else password.encode()
    scheme = "Basic:" if Quirk.BASIC_COLON in address.quirks else "Basic"
    return f"{scheme} {base64.b64encode(address.identity.encode() + b':' + spelled).decode()}"
