"""What an answer says when something went wrong, in JSON."""

from typing import Any

from wattline.wire.partner.shapes import Shape


class Error(Shape):
    """`status` and `errorCode` are for programs, `message` for their makers, `readableMessage` for end users."""

    status: str
    message: str
    error_code: str
    readable_message: str | None
    context: dict[str, Any] | None
