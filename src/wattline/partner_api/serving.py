"""How a request is answered: whose is it, may they, what do they ask; then one function answers it."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Self

import asyncpg
import structlog
from litestar import Response
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler

from wattline.database.connection import AWAY
from wattline.domain.refusals import Invalid, Refusal, TokenRefused, WrongCredentials
from wattline.partner_api.call import Call
from wattline.partner_api.credentials import Credentials
from wattline.partner_api.decoding import body_value, path_values, query_values
from wattline.partner_api.errors import (
    TooManyRequests,
    error_body,
    internal_error_body,
    refusal_body,
    status_of,
)
from wattline.partner_api.rate_limits import Quota, RateLimits
from wattline.partner_api.reading import HttpRequest, read_body
from wattline.partner_api.routing import Route
from wattline.wire.partner.shapes import to_json

log = structlog.get_logger()

PREFIX = "/api/v1"


class Memory:
    """What this process remembers of tokens and of requests made; the app's state holds it."""

    def __init__(self) -> None:
        self.credentials = Credentials()
        self.limits = RateLimits()

    @classmethod
    def of(cls, state: State) -> Self:
        """Return that of an app, which begins with the first request."""
        if "partner_api_memory" not in state:
            state["partner_api_memory"] = cls()
        memory: Self = state["partner_api_memory"]
        return memory


class Door:
    """Answers requests for routes."""

    def handlers(self, routes: Sequence[Route]) -> list[HTTPRouteHandler]:
        """Make Litestar's handlers. The app's state must have database, bus, settings, clock and chance."""
        return [self._handler(route) for route in routes]

    async def answer(self, route: Route, request: HttpRequest) -> Response[bytes]:
        """Answer one request; whatever goes wrong is an answer too."""
        request_id: str = request.app.state.chance.uuid()
        headers = {"request-id": request_id}
        try:
            status, body = await self._answer(route, request, headers)
        except Refusal as refusal:
            status, body = status_of(refusal), refusal_body(refusal)
            if isinstance(refusal, TooManyRequests):
                headers["Retry-After"] = str(refusal.resets_in_seconds)
            if isinstance(refusal, (TokenRefused, WrongCredentials)):
                headers["WWW-Authenticate"] = "Bearer"
        except (asyncpg.DataError, OverflowError) as error:
            # Times and texts that JSON can say and PostgreSQL cannot keep, like the character NUL.
            log.info("value cannot be stored", request_id=request_id, problem=str(error))
            status, body = HTTPStatus.BAD_REQUEST, refusal_body(Invalid("body", "has a value that cannot be stored."))
        except AWAY:
            headers["Retry-After"] = "5"
            status = HTTPStatus.SERVICE_UNAVAILABLE
            body = error_body(status, "The database is away for a moment. Try again.", "SERVICE_UNAVAILABLE")
        except Exception as error:
            log.error("partner API failed", operation=route.operation_id, request_id=request_id, exc_info=error)
            status, body = HTTPStatus.INTERNAL_SERVER_ERROR, internal_error_body(request_id)
        return Response(body, status_code=status, media_type="application/json", headers=headers)

    async def _answer(self, route: Route, request: HttpRequest, headers: dict[str, str]) -> tuple[int, bytes]:
        call, quota = await self._call(route, request, headers)
        headers.update(quota.headers)
        quota.must_not_be_spent()
        if route.scopes:
            call.viewer.must_hold(*route.entities, permission=route.permission)
        arguments = path_values(request.path_params, route.path_types)
        if route.query is not None:
            arguments["query"] = query_values(request.query_params.multi_items(), route.query)
        if route.body is not None:
            arguments["body"] = body_value(await read_body(request), route.body)
        answer = await route.function(call, **arguments)
        return route.success, b"" if route.answer is None else to_json(answer)

    async def _call(self, route: Route, request: HttpRequest, headers: dict[str, str]) -> tuple[Call, Quota]:
        state = request.app.state
        memory, now = Memory.of(state), state.clock()
        credential = None
        stranger = request.client.host if request.client else ""
        if route.open:
            quota = memory.limits.count_stranger(stranger, now=now)
        else:
            try:
                credential = await memory.credentials.of(
                    request.headers.get("authorization"), database=state.database, pepper=state.settings.pepper, now=now
                )
            except TokenRefused:
                quota = memory.limits.count_stranger(stranger, now=now)
                headers.update(quota.headers)
                quota.must_not_be_spent()
                raise
            quota = await memory.limits.count(credential, database=state.database, now=now)
        call = Call(
            database=state.database,
            bus=state.bus,
            settings=state.settings,
            chance=state.chance,
            now=now,
            credential=credential,
        )
        return call, quota

    def _handler(self, route: Route) -> HTTPRouteHandler:
        async def serve(request: HttpRequest) -> Response[bytes]:
            return await self.answer(route, request)

        path = PREFIX + route.path.replace("}", ":str}")
        handler = HTTPRouteHandler(
            path,
            http_method=route.method,  # type: ignore[arg-type]
            name=route.operation_id,
            # Every answer brings its own status; Litestar would refuse to have 204 here beside a body.
            status_code=HTTPStatus.OK,
            include_in_schema=False,
            opt={"public": True, "route": route},
            request_max_body_size=None,
        )
        return handler(serve)
