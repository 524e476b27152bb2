"""Routes are data: what a program may ask for, with which right, in which shape, and which function answers.

A function that answers takes the `Call`, then the ids of its path by name, then `query` and `body` where it has them.
Its annotations say the shapes, its docstring is what the reference page shows.
"""

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import NoneType
from typing import Any, TypeVar, get_type_hints

from msgspec import Struct

from wattline.domain.access import Permission

Function = TypeVar("Function", bound=Callable[..., Awaitable[object]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One operation. `scopes` names rights of which one is enough; none means that any valid token will do."""

    method: str
    path: str
    operation_id: str
    group: str
    scopes: tuple[str, ...]
    open: bool
    success: int
    function: Callable[..., Awaitable[object]]
    path_types: Mapping[str, type]
    query: type[Struct] | None
    body: Any
    answer: Any
    description: str
    deprecated: bool
    beta: bool

    @property
    def entities(self) -> tuple[str, ...]:
        """The entities of which one must be granted."""
        return tuple(scope.partition(":")[0] for scope in self.scopes)

    @property
    def permission(self) -> Permission:
        """How far the grant must reach."""
        return Permission[self.scopes[0].partition(":")[2].upper()]


class Group:
    """Collects the routes of one chapter of the API."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.routes: list[Route] = []

    def route(
        self,
        method: str,
        path: str,
        operation_id: str,
        *scopes: str,
        success: HTTPStatus = HTTPStatus.OK,
        open: bool = False,
        deprecated: bool = False,
        beta: bool = False,
    ) -> Callable[[Function], Function]:
        """Make the decorated function answer `method path`."""

        def add(function: Function) -> Function:
            hints = get_type_hints(function, include_extras=True)
            names = path_names(path)
            answer = hints["return"]
            self.routes.append(
                Route(
                    method=method, path=path, operation_id=operation_id, group=self.name, scopes=scopes, open=open,
                    success=success, function=function, path_types={name: hints[snake(name)] for name in names},
                    query=hints.get("query"), body=hints.get("body"), answer=None if answer is NoneType else answer,
                    description=inspect.cleandoc(function.__doc__ or ""), deprecated=deprecated, beta=beta,
                )
            )  # fmt: skip
            return function

        return add


def path_names(path: str) -> list[str]:
    """List the names of the changing parts of a path, camelCase."""
    return re.findall(r"{(\w+)}", path)


def snake(name: str) -> str:
    """Write a camelCase name with underscores."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
