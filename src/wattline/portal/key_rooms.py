"""The pages of charge keys, programs' keys, deliveries and who did what, and which right opens them."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from wattline.domain.access import Right
from wattline.portal import audit_log, charge_key_reader, charge_keys, deeplinks, program_page, programs

# Open without a session.
KEY_PUBLIC: Sequence[ControllerRouterHandler] = (deeplinks.open_deeplink, deeplinks.deeplink_picture)

KEY_ROOMS: Sequence[tuple[Right, Sequence[ControllerRouterHandler]]] = (
    (Right.SEE_CHARGE_KEYS, [charge_keys.charge_keys_page, charge_keys.charge_keys_csv, charge_keys.charge_key_shown]),
    (Right.MANAGE_CHARGE_KEYS, [
        charge_keys.new_charge_key_page, charge_keys.add_charge_key, charge_keys.change_charge_key,
        charge_keys.do_to_charge_key,
        charge_key_reader.wait_for_tap, charge_key_reader.tap_page, charge_key_reader.tap_live,
    ]),
    (Right.MANAGE_PROGRAMS, [programs.edit_program_page, programs.change_program, program_page.send_again]),
    (Right.SEE_AUDIT_LOG, [audit_log.audit_log_page, audit_log.audit_log_csv]),
)  # fmt: skip
