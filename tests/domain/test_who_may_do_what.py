"""The one table of who may do what, read as people would ask it."""

import pytest

from wattline.domain.access import MAY, Place, Right, Viewer, may, must, rights_of
from wattline.domain.refusals import NotAllowed
from wattline.domain.roles import OPERATOR_ROLES, TEAM_ROLES, Role, Switch, team_role
from wattline.domain.scopes import checked_scopes


def somebody(role: Role, *switches: Switch, team_ids: tuple[int, ...] | None = None) -> Viewer:
    return Viewer(
        name="Somebody",
        operator_id=1,
        operator_ids=(1, 2),
        team_ids=team_ids,
        scopes=frozenset(),
        role=role,
        switches=frozenset(switches),
    )


def test_every_right_stands_in_the_table_and_somebody_has_it() -> None:
    assert set(MAY) == set(Right)
    assert all(grant.roles for grant in MAY.values())
    # Whatever scope a program needs is one that can be given.
    assert [checked_scopes([grant.scope]) for grant in MAY.values() if grant.scope]


def test_an_admin_may_do_everything_and_a_driver_nothing_but_have_an_account() -> None:
    assert rights_of(somebody(Role.ADMIN)) == set(Right)
    assert rights_of(somebody(Role.DRIVER)) == {Right.HAVE_AN_ACCOUNT}


def test_an_operations_manager_runs_the_network_but_moves_no_money() -> None:
    manager = somebody(Role.OPERATIONS_MANAGER)
    assert may(manager, Right.MAKE_TEAMS)
    assert may(manager, Right.CHANGE_PRICES)
    assert not may(manager, Right.MOVE_MONEY)


def test_a_bookkeeper_moves_money_and_changes_nothing_else() -> None:
    books = somebody(Role.BOOKKEEPER)
    assert may(books, Right.MOVE_MONEY)
    assert may(books, Right.REFUND)
    changing = {right for right in rights_of(books) if not right.startswith(("see", "have"))}
    assert changing == {Right.MOVE_MONEY, Right.REFUND}


def test_a_support_agent_only_looks_and_answers() -> None:
    assert {right.split()[0] for right in rights_of(somebody(Role.SUPPORT_AGENT))} == {"see", "have", "answer"}


@pytest.mark.parametrize("role", TEAM_ROLES)
def test_nobody_of_a_team_reaches_the_operators_own_things(role: Role) -> None:
    everything = somebody(role, *Switch, team_ids=(7,))
    for right in (Right.MAKE_TEAMS, Right.FREEZE_TEAM, Right.DELETE_TEAM, Right.SEE_OPERATOR, Right.MANAGE_OPERATOR,
                  Right.SEE_PROGRAMS, Right.MANAGE_PROGRAMS, Right.READ_MAIL, Right.SEE_AUDIT_LOG):  # fmt: skip
        assert not may(everything, right), right


def test_a_plain_member_sees_neither_money_nor_members_until_switched_on() -> None:
    member = somebody(Role.TEAM_MEMBER)
    assert not may(member, Right.SEE_WALLETS)
    assert not may(member, Right.SEE_MEMBERS)
    assert may(somebody(Role.TEAM_MEMBER, Switch.MANAGE_TEAM_MEMBERS), Right.MANAGE_MEMBERS)


def test_money_and_hardware_are_nothing_for_plain_members_whatever_is_switched_on() -> None:
    eager = somebody(Role.TEAM_MEMBER, *Switch)
    for right in (Right.SEE_WALLETS, Right.MOVE_MONEY, Right.SET_UP_CHARGE_POINTS):
        assert not may(eager, right)
        assert may(somebody(Role.TEAM_ADMIN, *Switch), right)
        assert not may(somebody(Role.TEAM_ADMIN), right)


def test_a_right_ends_where_ones_view_ends() -> None:
    main, owner = somebody(Role.ADMIN), somebody(Role.TEAM_OWNER, team_ids=(7,))
    # Roles of a main account flow down to its sub-operators.
    assert may(main, Right.CHANGE_TEAM, Place(2, 20))
    assert not may(main, Right.CHANGE_TEAM, Place(3, 30))
    assert may(owner, Right.CHANGE_TEAM, Place(1, 7))
    assert not may(owner, Right.CHANGE_TEAM, Place(1, 8))
    # What belongs to the whole operator is no matter of one team.
    assert not may(owner, Right.CHANGE_PRICES, Place(1))


def test_a_refusal_says_in_words_what_is_missing() -> None:
    with pytest.raises(NotAllowed, match="the right to manage members"):
        must(somebody(Role.BOOKKEEPER), Right.MANAGE_MEMBERS)
    program = Viewer(name="A program", operator_id=1, operator_ids=(1,), scopes=frozenset({"teams:read"}))
    with pytest.raises(NotAllowed, match="team-members:write"):
        must(program, Right.MANAGE_MEMBERS)


def test_no_program_gets_what_only_people_may_do() -> None:
    program = Viewer(name="A program", operator_id=1, operator_ids=(1,), scopes=frozenset({"all:write"}))
    assert not may(program, Right.MANAGE_OPERATOR)
    assert not may(program, Right.READ_MAIL)


def test_a_team_has_owner_admins_and_members() -> None:
    assert team_role("user", is_owner=True) is Role.TEAM_OWNER
    assert team_role("admin", is_owner=False) is Role.TEAM_ADMIN
    assert team_role("user", is_owner=False) is Role.TEAM_MEMBER
    assert {*OPERATOR_ROLES, *TEAM_ROLES, Role.DRIVER} == set(Role)
