"""The links that invitations carry."""

from wattline.operations.invitations import Link
from wattline.web.pages import PageRequest
from wattline.web.session import new_token


def new_link(request: PageRequest) -> Link:
    """Make a link with a token of its own."""
    settings = request.app.state.settings
    return Link(token=new_token(), web_url=settings.web.url, pepper=settings.pepper)
