"""All pages of the Portal, as Litestar handlers for whoever builds the web app."""

from litestar import Router

from wattline.portal import charge_point, charge_points, deed_pages, login
from wattline.web.assets import static_file
from wattline.web.errors import page_for
from wattline.web.session import admit

ROOMS = [
    login.login_page, login.log_in, login.log_out,
    charge_points.charge_points_page, charge_points.charge_points_live,
    charge_point.now_page, charge_point.charges_page, charge_point.actions_page, charge_point.details_page,
    charge_point.charge_point_live,
    deed_pages.check, deed_pages.do, deed_pages.start, deed_pages.stop, deed_pages.force_stop, deed_pages.do_for_picked,
]  # fmt: skip


def portal_handlers() -> list[object]:
    """Return the handlers; the app's state must hold `database`, `bus`, `settings`, `clock` and `chance`."""
    pages = Router(
        "/",
        route_handlers=ROOMS,
        before_request=admit,
        exception_handlers={Exception: page_for},
        include_in_schema=False,
    )
    return [pages, static_file]
