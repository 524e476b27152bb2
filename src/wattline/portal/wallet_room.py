"""What all forms about a wallet share: whose it is, who may use it, amounts and passcodes as people type them."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar
from uuid import UUID

from babel.numbers import get_currency_precision
from litestar import Response

from wattline.database.connection import Connection
from wattline.domain.access import Right, Viewer, may
from wattline.domain.amount import exact_minor
from wattline.domain.passcode import NoPasscode, PasscodeLocked, PasscodeResetNeeded, WrongPasscode
from wattline.domain.refusals import Invalid, NotAllowed, Refusal
from wattline.operations.wallet_access import Passcode
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.queries.portal_passcode import PasscodeStanding, passcode_standing
from wattline.queries.portal_wallets import WalletLine, wallet_line

Made = TypeVar("Made")

PASSCODE = (NoPasscode, PasscodeLocked, PasscodeResetNeeded, WrongPasscode)


@dataclass(frozen=True, slots=True)
class WalletRoom:
    """A wallet that the viewer sees, and their passcode, with which they use it."""

    wallet: WalletLine
    passcode: PasscodeStanding | None

    @classmethod
    async def of(cls, asked: Asked, connection: Connection, wallet_id: int) -> "WalletRoom":
        """Let in who may move the wallet's money. Raises Unknown, and NotAllowed for those who may only look."""
        viewer = asked.session.viewer
        wallet = await wallet_line(connection, viewer, wallet_id)
        if not may_use(viewer, wallet):
            raise NotAllowed(needed=f"to {Right.MOVE_MONEY}")
        return cls(wallet, await passcode_standing(connection, viewer.user_id))

    async def page(
        self, asked: Asked, connection: Connection, template: str, form: Form, **values: Any
    ) -> Response[bytes]:
        """Show a form about this wallet; what was typed as passcode does not come back."""
        shown = Form(form.texts | {"passcode": ""}, form.lists, form.problems)
        return await asked.page(
            template, connection, here="wallets", status=400 if form.problems else 200, wallet=self.wallet,
            passcode=self.passcode, locked=self.passcode is not None and self.passcode.locked(asked.session.now),
            form=shown, **values,
        )  # fmt: skip


def may_use(viewer: Viewer, wallet: WalletLine) -> bool:
    """Tell whether to offer what moves money: a person's wallet is for them alone."""
    return wallet.owner_type == "user" or may(viewer, Right.MOVE_MONEY)


def may_adjust(viewer: Viewer, wallet: WalletLine) -> bool:
    """Tell whether to offer what operators do by hand."""
    return wallet.owner_type != "user" and viewer.team_ids is None and may(viewer, Right.MOVE_MONEY)


def typed_passcode(asked: Asked, form: Form) -> Passcode:
    """Take what was typed as passcode."""
    return Passcode(form["passcode"], asked.request.app.state.settings.pepper)


def typed_amount(form: Form, name: str, currency: str, *, or_zero: bool = False) -> int:
    """Read an amount such as 250 or 12,50 into minor units. Raises Invalid."""
    text = form[name].replace("\u202f", "").replace(" ", "").replace(",", ".")
    try:
        amount = Decimal(text or "0") if or_zero else Decimal(text)
    except InvalidOperation:
        raise Invalid(name, "must be an amount, such as 250.") from None
    if or_zero and not amount:
        return 0
    return exact_minor(amount, get_currency_precision(currency.upper()), field=name)


def typed_id(form: Form) -> UUID:
    """Read the id that the form was given when it was opened. Raises Invalid."""
    try:
        return UUID(form["id"])
    except ValueError:
        raise Invalid("all", "The form has lost its number. Open it again.") from None


def plain_amount(amount_minor: int | None, currency: str) -> str:
    """Write an amount as it is typed."""
    if amount_minor is None:
        return ""
    return f"{Decimal(amount_minor).scaleb(-get_currency_precision(currency.upper())):f}"


async def tried(form: Form, deed: Awaitable[Made], fields: Mapping[str, str] | None = None) -> Made | Form:
    """Do it; when it is refused, return the form with the reason at the field it is about."""
    try:
        return await deed
    except Invalid as refusal:
        return form.wrong((fields or {}).get(refusal.field, refusal.field), refusal.problem)
    except PASSCODE as refusal:
        return form.wrong("passcode", str(refusal))
    except Refusal as refusal:
        return form.wrong("all", str(refusal))
