"""All pages of the Portal, as Litestar handlers for whoever builds the web app."""

from litestar import Router

from wattline.portal import (
    add_charge_point,
    add_finish,
    add_verify,
    charge_page,
    charge_point,
    charge_points,
    charges,
    connection_page,
    deed_pages,
    emulator,
    login,
    palette,
    programs,
)
from wattline.web.assets import static_file
from wattline.web.errors import page_for
from wattline.web.session import admit

ROOMS = [
    login.login_page, login.log_in, login.log_out,
    charge_points.charge_points_page, charge_points.charge_points_live,
    charge_point.now_page, charge_point.charges_page, charge_point.actions_page, charge_point.details_page,
    charge_point.charge_point_live,
    connection_page.connection_page, connection_page.log_file, connection_page.connection_live,
    charges.charges_page, charges.charges_live,
    charge_page.charge_page, charge_page.charge_live, charge_page.do_to_charge,
    add_charge_point.place_page, add_charge_point.place, add_charge_point.resume,
    add_charge_point.model_page, add_charge_point.model, add_charge_point.setup_page, add_charge_point.password,
    add_verify.verify_page, add_verify.verify_live, add_verify.use_identity,
    add_finish.access_page, add_finish.access, add_finish.active_page, add_finish.active,
    palette.palette, programs.programs_page,
    emulator.emulator_page, emulator.drive, emulator.emulator_live,
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
