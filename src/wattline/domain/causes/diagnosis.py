"""All families of causes together, the likeliest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from wattline.domain.causes import cable, contact, control, ends, energy, keys, money, pauses, prices, speed, starts
from wattline.domain.causes.facts import Facts
from wattline.domain.causes.finding import FITS, Finding
from wattline.domain.causes.starts import Check

FAMILIES = (ends, starts, contact, pauses, control, keys, money, cable, energy, speed, prices)
# From here on a finding is an answer; below, it is a hint among others.
ANSWERS = FITS + 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What was found, the likeliest first, and the list to go through when a charge does not begin."""

    findings: Sequence[Finding]
    checks: Sequence[Check]

    @property
    def answer(self) -> Finding | None:
        """The finding that explains it, None when nothing does by itself."""
        first = next(iter(self.findings), None)
        return first if first is not None and first.weight >= ANSWERS else None


def diagnose(facts: Facts) -> Diagnosis:
    """Ask every family; each cause is named once, with its heaviest evidence."""
    found = [finding for family in FAMILIES for finding in family.causes(facts)]
    best: dict[str, Finding] = {}
    for finding in sorted(found, key=lambda each: -each.weight):
        best.setdefault(finding.cause, finding)
    never_began = facts.charge is None or facts.charge.started_at is None
    return Diagnosis(findings=tuple(best.values()), checks=starts.checklist(facts) if never_began else ())
