"""API and webhooks: which programs have a key, and whether what we send them arrives."""

from litestar import Response, get

from wattline.portal.frame import Asked
from wattline.queries import portal_programs as question
from wattline.web.pages import PageRequest


@get("/api-and-webhooks")
async def programs_page(request: PageRequest) -> Response[bytes]:
    """Show keys and the newest webhook entries."""
    asked = Asked.of(request)
    async with asked.database.read() as connection:
        return await asked.page(
            "programs.jinja",
            connection,
            here="api",
            programs=await question.list_programs(connection, asked.session.viewer),
            entries=await question.list_entries(connection, asked.session.viewer),
        )
