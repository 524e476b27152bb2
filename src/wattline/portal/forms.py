"""Forms as browsers send them: texts by name, cut to a length nobody types."""

from dataclasses import dataclass, field
from typing import Any

from wattline.domain.refusals import Invalid
from wattline.portal.addresses import number
from wattline.web.pages import PageRequest

TEXT_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody filled in, and what is wrong with it, field by field."""

    texts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def of(cls, request: PageRequest) -> "Form":
        """Read the body."""
        sent: Any = await request.form()
        items = [(str(name), _typeable(str(value))) for name, value in sent.multi_items()]
        lists: dict[str, list[str]] = {}
        for name, value in items:
            lists.setdefault(name, []).append(value)
        return cls(dict(items), lists)

    def __getitem__(self, name: str) -> str:
        return self.texts.get(name, "")

    def problem(self, name: str) -> str:
        """Say what is wrong in a field; nothing when all is well."""
        return self.problems.get(name, "")

    def number(self, name: str) -> int | None:
        """Read a whole number; None when it is none."""
        return number(self[name])

    def numbers(self, name: str) -> list[int]:
        """Read all values of a field with several."""
        return [value for value in map(number, self.lists.get(name, [])) if value is not None]

    def wrong(self, name: str, problem: str) -> "Form":
        """Return the same form with something wrong in a field."""
        return Form(self.texts, self.lists, self.problems | {name: problem})

    def refused(self, refusal: Invalid) -> "Form":
        """Return the same form with what a verb refused."""
        return self.wrong(refusal.field, refusal.problem)


def _typeable(text: str) -> str:
    # Nobody types a NUL, and the database keeps none.
    return text.replace("\0", "")[:TEXT_LENGTH_MAX].strip()
