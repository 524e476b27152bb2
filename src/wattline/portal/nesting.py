"""Nested teams: inviting one by its join code, answering, changing the price, letting go."""

from litestar import Response, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from wattline.domain.refusals import NotReady, Unknown
from wattline.operations.nested_teams import Nesting, answer_nesting, edit_nesting, end_nesting, nest_team
from wattline.portal.forms import Form
from wattline.portal.frame import Asked
from wattline.portal.simple_deeds import do_and_go
from wattline.queries.portal_teams import team_page
from wattline.web.pages import PageRequest


@post("/teams/{team_id:int}/nested", status_code=200)
async def nest(request: PageRequest, team_id: FromPath[int]) -> Response[bytes]:
    """Invite a team."""
    asked, form = Asked.of(request), await Form.of(request)
    async with asked.database.read() as connection:
        await team_page(connection, asked.session.viewer, team_id)
    new = Nesting(
        parent_team_id=team_id,
        price_group_id=form.number("price"),
        connector_ids=form.numbers("points") if form["access"] == "selected" else None,
    )
    return await do_and_go(
        asked, "Invite the team", _nest(asked, new, form["code"]), to=f"/teams/{team_id}", here="teams"
    )


@post("/teams/{team_id:int}/nested/{relation_id:int}/{deed:str}", status_code=200)
async def do_to_nested(
    request: PageRequest, team_id: FromPath[int], relation_id: FromPath[int], deed: FromPath[str]
) -> Response[bytes]:
    """Accept, reject, change the price, or end it, from the page of a team of either side."""
    asked, form = Asked.of(request), await Form.of(request)
    async with asked.database.read() as connection:
        await team_page(connection, asked.session.viewer, team_id)
    viewer, now = asked.session.viewer, asked.session.now
    match deed:
        case "accept" | "reject":
            verb = answer_nesting(asked.database, relation_id, accept=deed == "accept", asked_by=viewer, now=now)
        case "price":
            changes = {"price_group_id": form.number("price")}
            verb = edit_nesting(asked.database, relation_id, changes, asked_by=viewer, now=now)
        case "end":
            verb = end_nesting(asked.database, relation_id, asked_by=viewer, now=now)
        case _:
            raise NotFoundException
    return await do_and_go(asked, deed.capitalize(), verb, to=f"/teams/{team_id}", here="teams")


async def _nest(asked: Asked, new: Nesting, code: str) -> None:
    try:
        await nest_team(
            asked.database, new, join_code=code, accepted=False, asked_by=asked.session.viewer, now=asked.session.now
        )
    except Unknown:
        raise NotReady("No team has this join code. Ask the other team for it; it stands on their page.") from None
