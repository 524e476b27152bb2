"""The pages of people, their keys and places, and which right opens them."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from wattline.domain.access import Right
from wattline.portal import (
    member_groups,
    member_invite,
    members,
    nesting,
    operator_settings,
    operators,
    own_invitations,
    sites,
    support,
    switcher,
    teams,
)
from wattline.portal.key_rooms import KEY_ROOMS

PEOPLE_ROOMS: Sequence[tuple[Right, Sequence[ControllerRouterHandler]]] = (
    (Right.HAVE_AN_ACCOUNT, [
        switcher.switch_place, own_invitations.invitations_page, own_invitations.answer_one, own_invitations.join,
        support.support_page, support.ask_page, support.ask, support.ticket_page, support.answer, support.close,
        own_invitations.found,
    ]),
    (Right.SEE_SITES, [sites.sites_page, sites.site_page]),
    (Right.CHANGE_SITES, [
        sites.new_site_page, sites.make_site, sites.edit_site_page, sites.change_site, sites.delete_site,
    ]),
    (Right.SEE_TEAMS, [teams.teams_page, teams.team_page, teams.leave]),
    (Right.MAKE_TEAMS, [teams.new_team_page, teams.make_team]),
    (Right.CHANGE_TEAM, [teams.edit_team_page, teams.change_team]),
    (Right.FREEZE_TEAM, [teams.freeze, teams.unfreeze]),
    (Right.DELETE_TEAM, [teams.delete]),
    (Right.NEST_TEAMS, [nesting.nest, nesting.do_to_nested]),
    (Right.SEE_MEMBERS, [
        members.members_page, members.member_page, member_groups.groups_page, member_groups.group_page,
    ]),
    (Right.MANAGE_MEMBERS, [
        member_invite.invite_page, member_invite.invite, member_invite.import_page, member_invite.import_people,
        members.change_member, members.do_to_member,
        member_groups.new_group_page, member_groups.make_group, member_groups.change_group, member_groups.delete_group,
    ]),
    (Right.SEE_OPERATOR, [operators.own_operator_page, operators.operator_page]),
    (Right.MANAGE_OPERATOR, [
        operators.invite, operators.change_role, operators.withdraw, operators.make_operator, operators.rename,
        operator_settings.settings_page, operator_settings.save, operator_settings.save_theme,
    ]),
    *KEY_ROOMS,
)  # fmt: skip
