"""Who sees what, and which scopes let a program do what."""

import pytest

from wattline.domain import refusals
from wattline.domain.access import Permission, Viewer
from wattline.domain.refusals import NotAllowed, Refusal


def viewer(*scopes: str, team_ids: tuple[int, ...] | None = None) -> Viewer:
    return Viewer(name="a program", operator_id=1, operator_ids=(1, 2), team_ids=team_ids, scopes=frozenset(scopes))


def test_a_viewer_sees_its_operator_and_those_below_and_perhaps_only_some_teams() -> None:
    assert viewer().sees(2, 20)
    assert not viewer().sees(3, 30)
    assert viewer(team_ids=(20,)).sees(2, 20)
    assert not viewer(team_ids=(20,)).sees(2, 21)


@pytest.mark.parametrize("scope", ["charges:write", "charge:write", "charges:delete", "all:write", "all:delete"])
def test_a_scope_of_either_number_or_more_power_will_do(scope: str) -> None:
    viewer("sites:read", scope).must_hold("charges", permission=Permission.WRITE)


@pytest.mark.parametrize("scope", ["charges:read", "sites:delete", "charges:everything", "charges"])
def test_a_lesser_or_another_scope_is_refused(scope: str) -> None:
    with pytest.raises(NotAllowed, match="charges:write"):
        viewer(scope).must_hold("charges", "control-charging", permission=Permission.WRITE)


def test_every_refusal_says_what_to_do_and_has_a_code_of_its_own() -> None:
    found: list[Refusal] = [
        refusals.NotAllowed(needed="charges:read"),
        refusals.Unknown("charge", 7),
        refusals.Invalid("kwhLimit", "must be from 1 to 500"),
        refusals.ConnectorBusy(7),
        refusals.NoContact(),
        refusals.NotReady("The charge point is under maintenance. End it first."),
        refusals.NotConnectedToHardware(),
        refusals.NothingPluggedIn(),
        refusals.TeamFrozen("unpaid"),
        refusals.IllegalMove("completed", "StopAsked"),
        refusals.AlreadyTaken("In use."),
    ]
    assert all(str(each) and each.code for each in found)
    assert len({each.code for each in found}) == len(found)
    assert str(refusals.TeamFrozen("unpaid")) != str(refusals.TeamFrozen(None))
