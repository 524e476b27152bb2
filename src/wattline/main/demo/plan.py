"""What the demo consists of: sites, charge points and how busy they are."""

from dataclasses import dataclass

from wattline.domain.place import Address

OPERATOR = "Wattline Demo"
OPERATOR_IDENTIFIER = "WTL"

DENMARK, GERMANY = 194, 196
EMULATED_AC, EMULATED_DC = 1, 2
ANY_AC = 3

# The last one owns no charge points: it drives, and pays.
TEAMS = ("City Parking", "Office Campus", "Motorway Stop", "Delivery Fleet")
TEAM_COUNTRIES = (DENMARK, DENMARK, GERMANY, DENMARK)
DRIVERS = 3

# Hex characters of the cards that emulated drivers and people with the demo tap.
CHARGE_KEYS = ("04A1B2C3D4E5F6", "04B7C1D2E3F405", "0E8F1A2B", "04C3D4E5F60718293A4B")
KEY_NAMES = ("Card of the demo driver", "Fleet card 1", "Fleet card 2", "Pool car")


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoSite:
    """A site, its team (by place in TEAMS) and where it lies."""

    name: str
    team: int
    address: Address
    latitude: float
    longitude: float
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoBox:
    """A box: its site (by place in SITES), its model, and per connector how busy it is; see `habit` in the emulator.

    No habits means that it is a spare one, for a charge point of the visitor's own.
    """

    identity: str
    name: str
    site: int
    model: str = "ac-22"
    habits: tuple[str, ...] = ()

    @property
    def emulated(self) -> bool:
        return bool(self.habits)

    @property
    def model_id(self) -> int:
        """Id of the model in our reference data."""
        if not self.emulated:
            return ANY_AC
        return EMULATED_DC if self.model.startswith("dc") else EMULATED_AC

    @property
    def power_w_max(self) -> int:
        """What a connector gives at most."""
        return int(self.model.partition("-")[2]) * 1000


SITES = (
    DemoSite(
        name="Harbour car park",
        team=0,
        address=Address(
            address1="Havnegade 1", city="København", zip_code="1058", country_id=DENMARK, country_area_id=2
        ),
        latitude=55.6786,
        longitude=12.5946,
        time_zone="Europe/Copenhagen",
    ),
    DemoSite(
        name="Campus garage",
        team=1,
        address=Address(address1="Åbogade 34", city="Aarhus", zip_code="8200", country_id=DENMARK, country_area_id=1),
        latitude=56.1721,
        longitude=10.1878,
        time_zone="Europe/Copenhagen",
    ),
    DemoSite(
        name="Rest stop north",
        team=2,
        address=Address(
            address1="Am Rastplatz 2", city="Flensburg", zip_code="24976", country_id=GERMANY, country_area_id=3
        ),
        latitude=54.7745,
        longitude=9.3476,
        time_zone="Europe/Berlin",
    ),
)

# The first ones stand free for programs and people to start on; further down it gets busier.
BOXES = (
    DemoBox(identity="DEMO-0001", name="Harbour 1", site=0, habits=("plugged", "waiting")),
    DemoBox(identity="DEMO-0002", name="Harbour 2", site=0, habits=("waiting", "busy")),
    DemoBox(identity="DEMO-0003", name="Harbour 3", site=0, model="ac-11", habits=("suspended",)),
    DemoBox(identity="DEMO-0004", name="Campus 1", site=1, habits=("busy", "quiet")),
    DemoBox(identity="DEMO-0005", name="Campus 2", site=1, model="ac-7", habits=("faulted",)),
    DemoBox(identity="DEMO-0006", name="Fast 1", site=2, model="dc-50", habits=("waiting",)),
    DemoBox(identity="DEMO-0007", name="Fast 2", site=2, model="dc-150", habits=("busy", "busy")),
    DemoBox(identity="DEMO-0008", name="Fast 3", site=2, model="dc-300", habits=("quiet", "busy")),
    DemoBox(identity="SPARE-0001", name="Your own 1", site=0),
    DemoBox(identity="SPARE-0002", name="Your own 2", site=1),
)


def connector_names(box: DemoBox) -> list[str]:
    """Name a box's connectors: 1A and 1B when there are two."""
    count = max(1, len(box.habits))
    return [box.name] if count == 1 else [f"{box.name}{letter}" for letter in "ABCD"[:count]]
