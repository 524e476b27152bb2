"""Roles, rights and states of people, in words."""

from collections.abc import Mapping
from types import MappingProxyType

from wattline.domain.roles import Role

ROLE_WORDS: Mapping[Role, str] = MappingProxyType(
    {
        Role.ADMIN: "Admin",
        Role.OPERATIONS_MANAGER: "Operations manager",
        Role.BOOKKEEPER: "Bookkeeper",
        Role.SUPPORT_AGENT: "Support agent",
        Role.TEAM_OWNER: "Owner",
        Role.TEAM_ADMIN: "Team admin",
        Role.TEAM_MEMBER: "Member",
        Role.DRIVER: "Driver",
    }
)
