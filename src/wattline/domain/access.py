"""Who is asking, what they may see and what they may do."""

from dataclasses import dataclass
from enum import IntEnum

from wattline.domain.refusals import NotAllowed


class Permission(IntEnum):
    """What a scope lets a program do; each includes the lower ones."""

    READ = 1
    WRITE = 2
    DELETE = 3


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who asks: a person in the Portal or a program with an API key.

    `operator_ids` are the home operator and its sub-operators; `team_ids` limits the view to those teams, None means
    every team. Questions and verbs filter by both, so a foreign id reads as unknown.
    """

    name: str
    operator_id: int
    operator_ids: tuple[int, ...]
    team_ids: tuple[int, ...] | None = None
    scopes: frozenset[str] = frozenset({"all:delete"})
    user_id: int | None = None
    api_key_id: int | None = None

    def sees(self, operator_id: int, team_id: int) -> bool:
        """Tell whether something of this operator and team exists for this viewer."""
        return operator_id in self.operator_ids and (self.team_ids is None or team_id in self.team_ids)

    def must_hold(self, *entities: str, permission: Permission) -> None:
        """Refuse unless one of the entities' scopes (or `all`) is held at this permission or above."""
        wanted = {_singular(entity) for entity in entities} | {"all"}
        if not any(_grants(scope, wanted, permission) for scope in self.scopes):
            raise NotAllowed(needed=f"{entities[0]}:{permission.name.lower()}")


def _grants(scope: str, entities: set[str], permission: Permission) -> bool:
    entity, _, level = scope.partition(":")
    return (
        _singular(entity) in entities
        and level.upper() in Permission.__members__
        and (Permission[level.upper()] >= permission)
    )


def _singular(entity: str) -> str:
    # The published contract writes some scopes in both numbers (`tariff:read`, `tariffs:read`): they are one scope.
    return entity.removesuffix("s")
