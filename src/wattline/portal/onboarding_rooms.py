"""Which right opens which page of opening a charge point to drivers."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from wattline.domain.access import Right
from wattline.portal import point_access

ONBOARDING_ROOMS: Sequence[tuple[Right, Sequence[ControllerRouterHandler]]] = (
    (Right.SET_UP_CHARGE_POINTS, [point_access.change_access, point_access.change_active]),
)
