"""Users and operators."""

from wattline.domain.refusals import Unknown
from wattline.partner_api.bodies import Email, PageQuery
from wattline.partner_api.call import Call
from wattline.partner_api.routing import Group
from wattline.queries import partner_people as question
from wattline.queries.paging import Window
from wattline.wire.partner.pages import Page, page_of
from wattline.wire.partner.people import User, user_of
from wattline.wire.partner.places import Operator, operator_of

users = Group("Users")
operators = Group("Operators")


class UserQuery(PageQuery, kw_only=True):
    """Which users. Nobody has a phone number here, and accounts are not deleted but blocked."""

    email: Email | None = None
    phone: str | None = None
    include_deleted: bool = False


@users.route("GET", "/users", "get-users", "users:read")
async def get_users(call: Call, query: UserQuery) -> Page[User]:
    """List the people with an account at your operators, and those of your teams."""
    async with call.database.read() as connection:
        user_id = None if query.phone is None else 0
        found = await question.find_users(
            connection, query.window, viewer=call.viewer, email=query.email, user_id=user_id
        )
        rows = await question.users_by_ids(connection, found.ids)
    return page_of([user_of(row) for row in rows], found, query.window)


@users.route("GET", "/users/{userId}", "get-user", "users:read")
async def get_user(call: Call, user_id: int) -> User:
    """Show one user."""
    async with call.database.read() as connection:
        found = await question.find_users(connection, Window(0, 1), viewer=call.viewer, user_id=user_id)
        rows = await question.users_by_ids(connection, found.ids)
    if not rows:
        raise Unknown("user", user_id)
    return user_of(rows[0])


@operators.route("GET", "/operators", "get-operators", "operators:read")
async def get_operators(call: Call, query: PageQuery) -> Page[Operator]:
    """List your operator and its sub-operators."""
    async with call.database.read() as connection:
        found = await question.find_operators(connection, call.viewer.operator_ids, query.window)
        rows = await question.operators_by_ids(connection, found.ids)
    return page_of([operator_of(row) for row in rows], found, query.window)


@operators.route("GET", "/operators/{id}", "get-operator", "operators:read")
async def get_operator(call: Call, id: int) -> Operator:
    """Show your operator, or one of its sub-operators."""
    if id not in call.viewer.operator_ids:
        raise Unknown("operator", id)
    async with call.database.read() as connection:
        (row,) = await question.operators_by_ids(connection, [id])
    return operator_of(row)


@operators.route("GET", "/operators/{id}/sub-operators", "get-sub-operators", "operators:read")
async def get_sub_operators(call: Call, id: int, query: PageQuery) -> Page[Operator]:
    """List the sub-operators of your operator; a sub-operator has none."""
    if id not in call.viewer.operator_ids:
        raise Unknown("operator", id)
    below = [each for each in call.viewer.operator_ids if each != call.viewer.operator_id]
    async with call.database.read() as connection:
        found = await question.find_operators(connection, below if id == call.viewer.operator_id else (), query.window)
        rows = await question.operators_by_ids(connection, found.ids)
    return page_of([operator_of(row) for row in rows], found, query.window)
