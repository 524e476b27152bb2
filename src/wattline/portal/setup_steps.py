"""The six steps of adding a charge point: which are done, which is next, and where each is taken."""

from dataclasses import dataclass

from markupsafe import Markup

from wattline.queries.portal_setup import Setup
from wattline.web.pages import PageRequest

ADD = "/charge-points/add"
# Names under which nobody else on the network finds this machine.
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class StepLink:
    """One station on the left. `href` is empty while the step cannot be taken."""

    key: str
    label: str
    detail: Markup | str
    done: bool
    href: str


def steps_of(setup: Setup | None, current: str) -> list[StepLink]:
    """List the steps for a charge point, or for one that does not exist yet."""
    states = _states(setup, current)
    base = f"{ADD}/{setup.id}" if setup else ADD
    reached = True
    links = []
    for key, label, detail, done in states:
        links.append(
            StepLink(key, label, detail, done and key != current, f"{base}/{key}" if setup and reached else "")
        )
        reached = reached and (done or key == current)
    return links


def _states(setup: Setup | None, current: str) -> list[tuple[str, str, Markup | str, bool]]:
    hardware = setup.hardware if setup else None
    verified = setup is not None and is_verified(setup)
    entered = hardware is not None and (current in ("verify", "access", "active") or hardware.connected_at is not None)
    opened = verified and (current == "active" or (setup is not None and setup.active_at is not None))
    return [
        ("place", "Place", _place(setup), setup is not None),
        ("model", "Model and identity", _identity(setup), hardware is not None),
        ("set-up", "Set it up", "Our address and its password", entered),
        ("verify", "Verify the connection", "It is connected" if verified else "We wait for it to call", verified),
        ("access", "Access", setup.visibility.capitalize() if setup and opened else "Public or private", opened),
        ("active", "Make it active", "Counted from then on", bool(setup and setup.active_at)),
    ]


def _place(setup: Setup | None) -> str:
    return (setup.site or setup.team) if setup else "Where it stands, whose it is"


def _identity(setup: Setup | None) -> Markup | str:
    if setup is None or setup.hardware is None:
        return "What it is, what it calls itself"
    return Markup('<span class="id">{}</span>').format(setup.hardware.identity)


def is_verified(setup: Setup) -> bool:
    """Tell whether the hardware has come, introduced itself, and reported every connector."""
    hardware = setup.hardware
    return hardware is not None and hardware.booted_at is not None and all(each.status_at for each in setup.sockets)


def next_step(setup: Setup) -> str:
    """Return where to go on with a charge point: the address of its first step that is not done."""
    if setup.hardware is None:
        return f"{ADD}/{setup.id}/model"
    if not is_verified(setup):
        return f"{ADD}/{setup.id}/verify"
    if setup.active_at is None:
        return f"{ADD}/{setup.id}/access"
    return f"/charge-points/{setup.hardware.id}"


def way_out(setup: Setup | None) -> str:
    """Return where "Not now" leads: the charge point's page once there is one."""
    return f"/charge-points/{setup.hardware.id}" if setup and setup.hardware else "/charge-points"


def ocpp_address(request: PageRequest) -> str:
    """Return what charge points are told to call: as configured, else under the name the viewer knows us by."""
    ocpp = request.app.state.settings.ocpp
    host = request.url.hostname or "localhost"
    return ocpp.public_url or f"ws://{f'[{host}]' if ':' in host else host}:{ocpp.port}/ocpp"


def is_only_here(address: str) -> bool:
    """Tell whether an address leads to us from this very machine only."""
    host = address.partition("://")[2].partition("/")[0].rpartition(":")[0]
    return host.strip("[]") in THIS_MACHINE
