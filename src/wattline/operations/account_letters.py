"""Letters about accounts. Links go where the server knows itself to be, never where a browser says it asked."""

from datetime import datetime

from wattline.operations.mails import Letter
from wattline.operations.users import User

IGNORE = "If this was not you, do nothing: without the link nothing changes."
WARNING = (
    "If this was not you, somebody else can use your account: ask for a new password on the log-in page at once, and "
    "tell whoever runs this server."
)


def sign_up_letter(operator_id: int, email: str, link: str) -> Letter:
    """Send the link that proves that the address belongs to whoever signed up.

    Without the name they gave: it may be a stranger's, and would make us the carrier of whatever text they like.
    """
    text = f"Hello,\n\nto finish your account, open this link within 24 hours:\n\n{link}\n\n{IGNORE}\n"
    return Letter(operator_id=operator_id, to_address=email, kind="sign-up", subject="Finish your account", text=text)


def known_letter(operator_id: int, email: str, log_in: str) -> Letter:
    """Tell somebody who signed up again that there is an account; the page told nobody."""
    text = (
        f"Hello,\n\nsomebody, perhaps you, wanted to make an account with this address. There is one already: log in at"
        f"\n\n{log_in}\n\nThere you can also ask for a new password.\n"
    )
    return Letter(
        operator_id=operator_id, to_address=email, kind="sign-up", subject="You have an account already", text=text
    )


def reset_letter(user: User, link: str) -> Letter:
    """Send the link with which a forgotten password is replaced."""
    text = (
        f"Hello {user.display_name},\n\nto choose a new password, open this link within an hour:\n\n"
        f"{link}\n\n{IGNORE}\n"
    )
    return _to(user, "password-reset", "Choose a new password", text)


def new_email_letter(user: User, email: str, link: str) -> Letter:
    """Ask at the new address whether it is theirs."""
    text = (
        f"Hello {user.display_name},\n\nto log in with this address from now on, open this link within 24 hours:\n\n"
        f"{link}\n\n{IGNORE}\n"
    )
    return Letter(
        operator_id=user.operator_id, to_address=email, kind="new-email", subject="Is this your address?", text=text
    )


def notice_letter(user: User, what: str, *, now: datetime) -> Letter:
    """Tell an account's owner what was done to it, so that they hear of it when it was somebody else."""
    at = f"{now:%Y-%m-%d %H:%M} UTC"
    text = f"Hello {user.display_name},\n\n{what} ({at}).\n\n{WARNING}\n"
    return _to(user, "account-changed", what, text)


def _to(user: User, kind: str, subject: str, text: str) -> Letter:
    return Letter(operator_id=user.operator_id, to_address=user.email, kind=kind, subject=subject, text=text)
