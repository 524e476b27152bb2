"""Who hears what when a charge changes."""

from typing import TypedDict

from wattline.domain.charge_record import Charge
from wattline.domain.charge_steps import Step
from wattline.domain.facts import ChargeCreated, ChargeEdited, ChargeMoved, ChargeProgressed, Fact


class _Who(TypedDict):
    entity_id: int
    operator_ids: tuple[int, ...]
    team_ids: tuple[int, ...]
    charge_point_id: int | None


def facts_of(step: Step) -> list[Fact]:
    """One fact for the birth, one for every move after it."""
    charge = step.charge
    facts: list[Fact] = [ChargeCreated(**_who(charge))] if step.born else []
    for move in step.moves:
        if move.came_from is not None:
            detail = {"from": move.came_from, "to": move.went_to, "cause": move.cause}
            facts.append(ChargeMoved(**_who(charge), detail=detail))
    return facts


def edited(charge: Charge) -> Fact:
    """Its notes, partner ids or payment session changed, or its price came late."""
    return ChargeEdited(**_who(charge))


def progressed(
    charge_id: int, *, operator_ids: tuple[int, ...], team_ids: tuple[int, ...], charge_point_id: int
) -> Fact:
    """Its energy, power or state of charge changed. Takes single values: the reading path has no whole charge."""
    return ChargeProgressed(
        entity_id=charge_id, operator_ids=operator_ids, team_ids=team_ids, charge_point_id=charge_point_id
    )


def audience(owner: int, payer: int | None) -> tuple[int, ...]:
    """The owner of the connector and whoever pays, each once."""
    return (owner,) if payer is None or payer == owner else (owner, payer)


def _who(charge: Charge) -> _Who:
    return {
        "entity_id": charge.id,
        "operator_ids": audience(charge.operator_id, charge.paying_operator_id),
        "team_ids": audience(charge.team_id, charge.paying_team_id),
        "charge_point_id": charge.charge_point_id,
    }
