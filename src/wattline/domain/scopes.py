"""Which rights a program can be given: `entity:permission`, where write includes read and delete includes both."""

from collections.abc import Iterable

from wattline.domain.access import Permission
from wattline.domain.refusals import Invalid

# Partner API 1.3. `all` spans every entity; sites have no right of their own, they go with charge-points.
ENTITIES = (
    "all",
    "audit-log",
    "cdrs",
    "charge-auth-tokens",
    "charge-points",
    "charge-transactions",
    "charges",
    "charging-profiles",
    "control-charging",
    "control-public-charging",
    "deeplinks",
    "feature-groups",
    "insights",
    "installer-jobs",
    "invoices",
    "manage-webhooks",
    "map",
    "ocpp-config",
    "operators",
    "payment-terminals",
    "plans",
    "price-groups",
    "prices-forecast",
    "promotion-codes",
    "receipts",
    "reports",
    "sponsored-charge-points",
    "subscriptions",
    "tariffs",
    "team-members",
    "teams",
    # Only what changes a wallet transaction, and that is deprecated.
    "transactions",
    "users",
    "vehicles",
    "wallet-transactions",
    "webhooks",
)

_KNOWN = {entity.removesuffix("s"): entity for entity in ENTITIES}


def checked_scopes(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return the scopes in their published spelling, each once, in the order given.

    Singular and plural are the same right. Raises Invalid with the list of what is known when one is not.
    """
    known = dict.fromkeys(_checked(scope) for scope in scopes)
    return tuple(known)


def _checked(scope: str) -> str:
    entity, _, permission = scope.strip().partition(":")
    name = _KNOWN.get(entity.removesuffix("s"))
    if name is None or permission.upper() not in Permission.__members__:
        raise Invalid(
            "scopes",
            f"'{scope}' is not a scope. A scope is an entity, a colon and read, write or delete. "
            f"The entities are: {', '.join(ENTITIES)}.",
        )
    return f"{name}:{permission.lower()}"
