"""What happened, for everybody who must hear of it: webhooks, live pages, other networks.

A fact is committed in the same transaction as the change it tells of. Its class says which webhook subscription hears
it (`event_type`), about what (`entity_type`) and how it changed; the payload is the entity as it is when it is sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that happened to one entity, and who may hear of it."""

    event_type: ClassVar[str]
    entity_type: ClassVar[str]
    change: ClassVar[str]

    entity_id: int
    operator_ids: tuple[int, ...]
    team_ids: tuple[int, ...]
    charge_point_id: int | None = None
    detail: Mapping[str, object] | None = field(default=None)

    @property
    def kind(self) -> str:
        """The class name: what live pages tell facts apart by."""
        return type(self).__name__


class _ChargeFact(Fact):
    event_type, entity_type, change = "charges", "charge", "updated"


class ChargeCreated(_ChargeFact):
    """A charge was asked for, or a tapped key began one."""

    change = "created"


class ChargeMoved(_ChargeFact):
    """A charge changed its state; `detail` has `from`, `to` and `cause`."""


class ChargeProgressed(_ChargeFact):
    """Energy, power or state of charge of a running charge changed; at most once per 2 s and charge."""


class ChargeEdited(_ChargeFact):
    """Somebody changed a charge's notes, partner ids or payment session."""


class _ConnectorFact(Fact):
    event_type, entity_type, change = "charge-points", "charge-point", "updated"


class ConnectorCreated(_ConnectorFact):
    """A charge point (one connector) was added."""

    change = "created"


class ConnectorChanged(_ConnectorFact):
    """A charge point's state, name or settings changed; `detail` may have `state`."""


class ConnectorDeleted(_ConnectorFact):
    """A charge point was taken away."""

    change = "deleted"


class ProtocolStatusChanged(Fact):
    """The box reported another OCPP status for a connector; `detail` has `status` and `errorCode`."""

    event_type, entity_type, change = "charge-points-protocol-updates", "charge-point", "updated"


class ChargePointConnected(Fact):
    """A box opened its socket; `entity_id` is the box, `detail` has its `identity`."""

    event_type, entity_type, change = "ocpp-messages", "ocpp-messages", "monta:ocpp:ChargePointConnected"


class ChargePointDisconnected(Fact):
    """A box lost its socket; `entity_id` is the box, `detail` has its `identity`."""

    event_type, entity_type, change = "ocpp-messages", "ocpp-messages", "monta:ocpp:ChargePointDisconnected"


class HandshakeRefused(Fact):
    """Somebody called with an identity or password we did not let in; heard by live pages only."""

    event_type, entity_type, change = "-", "charge-point", "refused"


class UnknownKeyTapped(Fact):
    """Somebody waits at a reader for a key, and one we do not know was held to it; heard by live pages only."""

    event_type, entity_type, change = "-", "charge-point", "tapped"


class CommandAnswered(Fact):
    """A command to a box has its outcome; heard by live pages only."""

    event_type, entity_type, change = "-", "command", "answered"


class LogLineWritten(Fact):
    """Something of note was written to a box's log; heard by live pages only."""

    event_type, entity_type, change = "-", "charge-point", "logged"


class PaymentMoved(Fact):
    """A payment at a provider changed its state; heard by live pages only. `detail` has `from`, `to` and `charge`."""

    event_type, entity_type, change = "-", "payment", "updated"


class _SiteFact(Fact):
    event_type, entity_type, change = "sites", "site", "updated"


class SiteCreated(_SiteFact):
    """A site was added."""

    change = "created"


class SiteChanged(_SiteFact):
    """A site's name, address or visibility changed."""


class SiteDeleted(_SiteFact):
    """A site was taken away."""

    change = "deleted"


class _TeamFact(Fact):
    event_type, entity_type, change = "teams", "team", "updated"


class TeamCreated(_TeamFact):
    """A team was made."""

    change = "created"


class TeamChanged(_TeamFact):
    """A team's name, address or way of paying changed, or it was frozen or unfrozen."""


class _MemberFact(Fact):
    event_type, entity_type, change = "team-members", "team-member", "updated"


class MemberCreated(_MemberFact):
    """Somebody was invited to a team, asked to join it, or was made a member."""

    change = "created"


class MemberChanged(_MemberFact):
    """Somebody accepted or refused, or is let do something else."""


class MemberRemoved(_MemberFact):
    """Somebody left a team, or an invitation was taken back."""

    change = "deleted"


class _PriceGroupFact(Fact):
    event_type, entity_type, change = "price-groups", "price-group", "updated"


class PriceGroupCreated(_PriceGroupFact):
    """A price group was added."""

    change = "created"


class PriceGroupChanged(_PriceGroupFact):
    """A price group has other prices, counts somewhere else, or is the default now."""


class PriceGroupDeleted(_PriceGroupFact):
    """A price group was taken away."""

    change = "deleted"


class _ChargeKeyFact(Fact):
    event_type, entity_type, change = "charge-auth-tokens", "charge-auth-token", "updated"


class ChargeKeyCreated(_ChargeKeyFact):
    """A charge key was added."""

    change = "created"


class ChargeKeyChanged(_ChargeKeyFact):
    """A charge key was edited, blocked or unblocked."""


class ChargeKeyDeleted(_ChargeKeyFact):
    """A charge key was taken away."""

    change = "deleted"


class ChargeKeyScanned(_ChargeKeyFact):
    """A known key was held to a reader."""

    change = "scanned"
