"""What a program may do, to choose from: the rights that our Partner API asks for, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from wattline.domain.refusals import Invalid
from wattline.portal.forms import Form

# From nothing to everything; each includes the ones before it.
LEVELS = (("", "–"), ("read", "Read"), ("write", "Change"), ("delete", "Delete"))


@dataclass(frozen=True, slots=True)
class Right:
    """One thing a right is about."""

    entity: str
    label: str


RIGHTS = (
    Right("charge-points", "Charge points and sites"),
    Right("charge-transactions", "Charges, to look at"),
    Right("charges", "Notes and details of charges"),
    Right("control-charging", "Start and stop charges"),
    Right("control-public-charging", "Start public charges only"),
    Right("charge-auth-tokens", "Charge keys"),
    Right("teams", "Teams"),
    Right("team-members", "Members of teams"),
    Right("users", "People"),
    Right("operators", "Operators and who works there"),
    Right("price-groups", "Price groups"),
    Right("tariffs", "Tariffs"),
    Right("prices-forecast", "What charging will cost"),
    Right("wallet-transactions", "Wallets and what moves on them"),
    Right("transactions", "Notes on transactions, of old programs"),
    Right("receipts", "Receipts"),
    Right("payment-terminals", "Payment terminals"),
    Right("charging-profiles", "Power limits"),
    Right("ocpp-config", "Settings of the hardware"),
    Right("reports", "Reports of drivers"),
    Right("deeplinks", "Short links for stickers and letters"),
    Right("audit-log", "Who did what"),
    Right("manage-webhooks", "Where its webhooks go"),
    Right("webhooks", "What was delivered"),
    Right("team-members", "Members of teams"),
    Right("deeplinks", "Deeplinks"),
    Right("audit-log", "Who did what"),
)


@dataclass(frozen=True, slots=True)
class Preset:
    """Rights that go together."""

    key: str
    label: str
    line: str
    scopes: tuple[str, ...]


PRESETS = (
    Preset(
        "terminal", "A payment terminal", "Finds charge points, starts and stops charges, hears how they go.",
        ("charge-points:read", "charge-transactions:read", "charges:write", "control-charging:write",
         "manage-webhooks:delete", "webhooks:read"),
    ),
    Preset("read", "Read everything", "For reports and dashboards. Changes nothing.", ("all:read",)),
    Preset("all", "Everything", "As much as an administrator may. For programs of your own.", ("all:delete",)),
)  # fmt: skip


def form_of_scopes(scopes: Sequence[str]) -> dict[str, str]:
    """Fill the fields of the form with rights a key has."""
    preset = next((each for each in PRESETS if set(each.scopes) == set(scopes)), None)
    if preset is not None:
        return {"rights": preset.key}
    held = dict(scope.partition(":")[::2] for scope in scopes)
    return {"rights": "choose", **{right.entity: held.get(right.entity, "") for right in RIGHTS}}


def scopes_of(form: Form) -> list[str]:
    """Read the chosen rights. Raises Invalid when none is."""
    preset = next((each for each in PRESETS if each.key == form["rights"]), None)
    if preset is not None:
        return list(preset.scopes)
    levels = {level for level, _ in LEVELS if level}
    chosen = [(right.entity, form[right.entity]) for right in RIGHTS]
    scopes = [f"{entity}:{level}" for entity, level in chosen if level in levels]
    if not scopes:
        raise Invalid("rights", "Choose at least one thing it may do.")
    return scopes
