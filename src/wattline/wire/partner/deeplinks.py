"""A deeplink, in JSON."""

from typing import Any, Literal

from wattline.wire.partner.shapes import Shape, Time

DestinationType = Literal["LINK", "RESOURCE"]


class DestinationLinkOrResource(Shape):
    """`url` where the link leads to a page, else what it leads to: `charge-point` and its id."""

    url: str | None = None
    resource_type: str | None = None
    resource_id: int | None = None


class DeeplinkDto(Shape):
    """A short address. `appUrl` is what to print or send, `qrCodeUrl` a picture of it; `visits` counts openings."""

    id: int
    destination_type: DestinationType
    destination: DestinationLinkOrResource | None
    comment: str | None
    visits: int
    operator_id: int
    qr_code_url: str | None
    app_url: str | None
    created_at: Time
    updated_at: Time
    deleted_at: Time | None


def deeplink_of(row: Any, *, web_url: str) -> DeeplinkDto:
    """Make a link of a row."""
    address = f"{web_url}/l/{row['code']}"
    return DeeplinkDto(
        id=row["id"],
        destination_type=row["destination_type"],
        destination=DestinationLinkOrResource(row["url"], row["resource_type"], row["resource_id"]),
        comment=row["comment"],
        visits=row["visits"],
        operator_id=row["operator_id"],
        qr_code_url=f"{address}/qr.svg",
        app_url=address,
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        deleted_at=row["deleted_at"],
    )
