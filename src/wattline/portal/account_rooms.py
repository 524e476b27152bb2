"""The pages of accounts: before the log-in, one's own, and how people get into an operator."""

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from wattline.domain.access import Right
from wattline.portal import (
    account,
    account_codes,
    account_passkeys,
    account_proof,
    login,
    login_code,
    login_company,
    login_passkey,
    mail_links,
    own_team,
    settings_login,
    sign_up,
)

ACCOUNT_PUBLIC: Sequence[ControllerRouterHandler] = (
    login.login_page, login.log_in, login_code.code_page, login_code.check_code,
    login_passkey.passkey_challenge, login_passkey.passkey_log_in,
    login_company.company_page, login_company.find_company, login_company.leave_for_company,
    login_company.back_from_company,
    sign_up.sign_up_page, sign_up.sign_up, sign_up.finish_page, sign_up.finish,
    mail_links.forgot_page, mail_links.forgot, mail_links.reset_page, mail_links.reset,
    mail_links.new_email_page, mail_links.new_email,
)  # fmt: skip

ACCOUNT_ROOMS: Sequence[tuple[Right, Sequence[ControllerRouterHandler]]] = (
    (Right.HAVE_AN_ACCOUNT, [
        login.log_out, account.account_page, account.save_profile, account.ask_new_email, account.new_password,
        own_team.own_team_page, own_team.make_own_team, account.log_out_there, account.log_out_elsewhere,
        account_proof.proof_page, account_proof.prove_by_password, account_proof.proof_challenge,
        account_proof.prove_by_passkey,
        account_passkeys.new_passkey_challenge, account_passkeys.keep_passkey, account_passkeys.change_passkey,
        account_codes.codes_page, account_codes.codes_on, account_codes.codes_off, account_codes.new_recovery_codes,
    ]),
    (Right.MANAGE_OPERATOR, [
        settings_login.log_in_settings, settings_login.save_sign_up, settings_login.save_provider,
    ]),
)  # fmt: skip
