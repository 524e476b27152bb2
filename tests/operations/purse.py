"""What stories about wallets have in common: a bank account, a person with a passcode, what is in a wallet."""

from uuid import UUID, uuid4

from tests.operations.market import Market
from tests.operations.story import Story
from wattline.domain.access import Viewer
from wattline.operations.bank_accounts import BankAccount, set_bank_account
from wattline.operations.passcodes import set_passcode
from wattline.operations.users import NewUser, create_user
from wattline.operations.wallet_access import Passcode
from wattline.operations.wallets import Wallet, contents_of, wallet_of
from wattline.operations.withdrawals import Withdrawal, withdraw

PEPPER = b"p" * 32
IBAN = "DK50 0040 0440 1162 43"
NO_PASSCODE = Passcode(None, PEPPER)


async def purse(market: Market, owner_type: str, owner_id: int) -> Wallet:
    """Find somebody's wallet."""
    async with market.story.database.begin() as tx:
        return await wallet_of(tx, owner_type, owner_id, "eur", now=market.story.now)


async def inside(market: Market, wallet: Wallet) -> tuple[int, int]:
    """Tell how much money is in a wallet, and how much of what is in it is held."""
    async with market.story.database.read() as connection:
        contents = (await contents_of(connection, [wallet]))[wallet.id]
    return contents.amount_minor, contents.held_minor


async def add_bank(
    market: Market, wallet: Wallet, iban: str = IBAN, *, asked_by: Viewer | None = None, code: Passcode = NO_PASSCODE
) -> str:
    """Give a wallet its bank account."""
    new = BankAccount(iban=iban, holder="Harbour Charging", nonce=uuid4().bytes[:12])
    return await set_bank_account(
        market.story.database, wallet.id, new, asked_by=asked_by or market.story.viewer, passcode=code,
        now=market.story.now,
    )  # fmt: skip


async def take_out(
    market: Market,
    wallet: Wallet,
    amount_minor: int,
    *,
    id: UUID | None = None,
    asked_by: Viewer | None = None,
    code: Passcode = NO_PASSCODE,
) -> int:
    """Ask for a withdrawal."""
    new = Withdrawal(id=id or uuid4(), amount_minor=amount_minor)
    return await withdraw(
        market.story.database, wallet.id, new, asked_by=asked_by or market.story.viewer, passcode=code,
        now=market.story.now,
    )  # fmt: skip


async def somebody(story: Story, digits: str = "4711") -> Viewer:
    """Make a person with a passcode; return them as who asks."""
    new = NewUser(operator_id=story.viewer.operator_id, email="d@wattline.example", display_name="Demo driver",
                  role="Driver")  # fmt: skip
    user_id = await create_user(story.database, new, password="long enough", now=story.now)
    await set_passcode(story.database, user_id, first=digits, second=digits, pepper=PEPPER, now=story.now)
    operator_id = story.viewer.operator_id
    return Viewer(name="driver", operator_id=operator_id, operator_ids=(operator_id,), user_id=user_id)
