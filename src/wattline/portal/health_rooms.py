"""The pages of health: alerts and restarts, a charge point's uptime, what drivers report."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from wattline.domain.access import Right
from wattline.portal import alerts, charge_point_health

HEALTH_ROOMS: Sequence[tuple[Right, Sequence[ControllerRouterHandler]]] = (
    (Right.SEE_CHARGE_POINTS, [charge_point_health.health_page, charge_point_health.report]),
    (Right.SET_UP_CHARGE_POINTS, [
        alerts.alerts_page, alerts.new_group_page, alerts.make_alert_group,
        alerts.alert_group_page, alerts.change_alert_group, alerts.delete_alert_group,
        charge_point_health.leave_out, charge_point_health.resolve,
    ]),
    (Right.MANAGE_OPERATOR, [alerts.switch_self_heal]),
)  # fmt: skip
