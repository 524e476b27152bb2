"""All pages of the Portal: which right opens which, and the Litestar handlers for whoever builds the web app."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from litestar import Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from wattline.domain.access import Right
from wattline.portal import (
    add_charge_point,
    add_finish,
    add_hardware,
    add_verify,
    charge_page,
    charge_point,
    charge_points,
    charges,
    connection_page,
    deed_pages,
    dialogs,
    emulator,
    export,
    fleet_columns,
    fleet_import,
    fleet_orders,
    fleet_views,
    operator_settings,
    own_invitations,
    palette,
    picked,
    program_page,
    programs,
    receipt_page,
    receipt_papers,
    why_page,
)
from wattline.portal.account_rooms import ACCOUNT_PUBLIC, ACCOUNT_ROOMS
from wattline.portal.health_rooms import HEALTH_ROOMS
from wattline.portal.key_rooms import KEY_PUBLIC
from wattline.portal.money_rooms import MONEY_PUBLIC, MONEY_ROOMS
from wattline.portal.onboarding_rooms import ONBOARDING_ROOMS
from wattline.portal.overview import overview_page
from wattline.portal.people_rooms import PEOPLE_ROOMS
from wattline.web.assets import static_file
from wattline.web.errors import page_for
from wattline.web.session import admit


@get("/{rest:path}")
async def no_such_page(rest: FromPath[str]) -> Response[bytes]:
    """Say so for addresses nobody answers, in the look of the Portal."""
    raise NotFoundException


# Open without a session; each says so itself, with opt={"public": True}.
PUBLIC = [
    *ACCOUNT_PUBLIC, own_invitations.invitation_page,
    receipt_page.receipts_page, receipt_page.receipt_file, receipt_papers.signed_receipt, receipt_papers.signed_bundle,
    *KEY_PUBLIC, *MONEY_PUBLIC, operator_settings.brand,
]  # fmt: skip

_ROOMS: Sequence[tuple[Right, Sequence[ControllerRouterHandler]]] = (
    (Right.HAVE_AN_ACCOUNT, [overview_page, no_such_page, palette.palette]),
    (Right.SEE_CHARGE_POINTS, [
        charge_points.charge_points_page, charge_points.charge_points_live, export.charge_points_csv,
        export.charge_points_workbook, fleet_columns.keep_columns, fleet_views.keep_view, fleet_views.delete_view,
        charge_point.now_page, charge_point.details_page, charge_point.charge_point_live,
    ]),
    (Right.CONTROL_CHARGE_POINTS, [
        charge_point.actions_page, dialogs.dialog, deed_pages.check, deed_pages.do, deed_pages.start, deed_pages.stop,
        deed_pages.force_stop, picked.do_for_picked,
        fleet_orders.orders_page, fleet_orders.ask_page, fleet_orders.order, fleet_orders.order_page,
        fleet_orders.order_part, fleet_orders.order_file, fleet_orders.do_to_order,
    ]),
    (Right.SET_UP_CHARGE_POINTS, [
        fleet_import.import_page, fleet_import.import_file, fleet_import.passwords_file,
        add_charge_point.add_page, add_charge_point.begin, add_charge_point.go_on,
        add_charge_point.place_page, add_charge_point.change_place,
        add_hardware.model_page, add_hardware.models_part, add_hardware.choose_model,
        add_hardware.set_up_page, add_hardware.make_password,
        add_verify.verify_page, add_verify.verify_live, add_verify.listen_again, add_verify.use_identity,
        add_finish.access_page, add_finish.choose_access, add_finish.active_page, add_finish.choose_active,
        emulator.emulator_page, emulator.emulator_live, emulator.drive,
    ]),
    (Right.SEE_CHARGES, [
        charges.charges_page, charges.charges_live, charge_page.charge_page, charge_page.charge_live,
        charge_point.charges_page, receipt_papers.charge_receipt,
        why_page.charge_why_page, why_page.point_why_page,
        connection_page.connection_page, connection_page.log_file, connection_page.connection_live,
    ]),
    (Right.CONTROL_CHARGES, [charge_page.do_to_charge]),
    (Right.SEE_PROGRAMS, [programs.programs_page, program_page.program_page, program_page.delivery_page]),
    (Right.MANAGE_PROGRAMS, [programs.new_program_page, programs.create_program, program_page.revoke_program]),
    *ONBOARDING_ROOMS,
    *PEOPLE_ROOMS,
    *HEALTH_ROOMS,
    *MONEY_ROOMS,
    *ACCOUNT_ROOMS,
)  # fmt: skip


def rooms() -> Mapping[Right, Sequence[ControllerRouterHandler]]:
    """Tell which right opens which pages."""
    opened: dict[Right, list[ControllerRouterHandler]] = {}
    for right, pages in _ROOMS:
        opened.setdefault(right, []).extend(pages)
    return MappingProxyType(opened)


def portal_handlers() -> list[ControllerRouterHandler]:
    """Return the handlers; the app's state must hold `database`, `bus`, `settings`, `clock` and `chance`."""
    behind = [Router("/", route_handlers=pages, opt={"right": right}) for right, pages in rooms().items()]
    pages = Router(
        "/",
        route_handlers=[*PUBLIC, *behind],
        before_request=admit,
        exception_handlers={Exception: page_for},
        include_in_schema=False,
    )
    return [pages, static_file]
