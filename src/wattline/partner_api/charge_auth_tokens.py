"""Charge keys, which the API calls charge auth tokens."""

from http import HTTPStatus

from wattline.operations import charge_keys as verbs
from wattline.partner_api.bodies import given
from wattline.partner_api.call import Call
from wattline.partner_api.charge_auth_token_bodies import (
    CreateChargeAuthToken,
    PatchChargeAuthToken,
    TokenQuery,
)
from wattline.partner_api.routing import Group
from wattline.queries.partner_charge_keys import charge_key_by_id, charge_keys_by_ids, find_charge_keys
from wattline.wire.partner.charge_auth_tokens import ChargeAuthToken, charge_auth_token_of
from wattline.wire.partner.pages import Page, page_of

charge_auth_tokens = Group("Charge auth tokens")


@charge_auth_tokens.route("GET", "/charge-auth-tokens", "get-charge-auth-tokens", "charge-auth-tokens:read")
async def get_tokens(call: Call, query: TokenQuery) -> Page[ChargeAuthToken]:
    """List charge auth tokens: RFID cards, and cars that are their own key."""
    async with call.database.read() as connection:
        found = await find_charge_keys(
            connection, query.window, team_id=query.team_id, partner_external_id=query.partner_external_id,
            viewer=call.viewer,
        )  # fmt: skip
        rows = await charge_keys_by_ids(connection, found.ids)
    return page_of([charge_auth_token_of(row) for row in rows], found, query.window)


@charge_auth_tokens.route(
    "POST", "/charge-auth-tokens", "create-charge-auth-token", "charge-auth-tokens:write", success=HTTPStatus.CREATED
)
async def create_token(call: Call, body: CreateChargeAuthToken) -> ChargeAuthToken:
    """Add a token. Its team pays for what is charged with it."""
    new = verbs.NewChargeKey(
        team_id=body.team_id,
        user_id=body.user_id,
        type=body.type,
        identifier=body.identifier,
        name=body.name,
        own_network=body.monta_network is not False,
        roaming_network=body.roaming_network is not False,
        operator_network=body.operator_network is not False,
        active_until=body.active_until,
        blocked_at=body.blocked_at,
        partner_external_id=body.partner_external_id,
        partner_custom_payload=body.partner_custom_payload,
    )
    key_id = await verbs.add_charge_key(
        call.database, new, asked_by=call.viewer, lengths=call.settings.charging.key_lengths, now=call.now
    )
    return await _shown(call, key_id)


@charge_auth_tokens.route(
    "GET", "/charge-auth-tokens/{chargeAuthTokenId}", "get-charge-auth-token", "charge-auth-tokens:read"
)
async def get_token(call: Call, charge_auth_token_id: int) -> ChargeAuthToken:
    """Show one token."""
    return await _shown(call, charge_auth_token_id)


@charge_auth_tokens.route(
    "PATCH", "/charge-auth-tokens/{chargeAuthTokenId}", "patch-charge-auth-token", "charge-auth-tokens:write"
)
async def patch_token(call: Call, charge_auth_token_id: int, body: PatchChargeAuthToken) -> ChargeAuthToken:
    """Change a token. What is not sent, or null, stays as it is."""
    changes = given(body)
    if "monta_network" in changes:
        changes["own_network"] = changes.pop("monta_network")
    await verbs.edit_charge_key(call.database, charge_auth_token_id, changes, asked_by=call.viewer, now=call.now)
    return await _shown(call, charge_auth_token_id)


@charge_auth_tokens.route(
    "DELETE", "/charge-auth-tokens/{chargeAuthTokenId}", "delete-charge-auth-token", "charge-auth-tokens:delete"
)
async def delete_token(call: Call, charge_auth_token_id: int) -> None:
    """Take a token away. It answers 200, without a body."""
    await verbs.delete_charge_key(call.database, charge_auth_token_id, asked_by=call.viewer, now=call.now)


@charge_auth_tokens.route(
    "POST", "/charge-auth-tokens/{chargeAuthTokenId}/block", "block-charge-auth-token", "charge-auth-tokens:write"
)
async def block_token(call: Call, charge_auth_token_id: int) -> ChargeAuthToken:
    """Block a token: nothing starts with it any more."""
    await verbs.block_charge_key(call.database, charge_auth_token_id, asked_by=call.viewer, now=call.now)
    return await _shown(call, charge_auth_token_id)


@charge_auth_tokens.route(
    "POST", "/charge-auth-tokens/{chargeAuthTokenId}/unblock", "unblock-charge-auth-token", "charge-auth-tokens:write"
)
async def unblock_token(call: Call, charge_auth_token_id: int) -> ChargeAuthToken:
    """Unblock a token."""
    await verbs.unblock_charge_key(call.database, charge_auth_token_id, asked_by=call.viewer, now=call.now)
    return await _shown(call, charge_auth_token_id)


async def _shown(call: Call, key_id: int) -> ChargeAuthToken:
    async with call.database.read() as connection:
        return charge_auth_token_of(await charge_key_by_id(connection, key_id, viewer=call.viewer))
