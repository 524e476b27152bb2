"""Why a charge stopped, in the words of the Partner API (an open list: `api`, `StoppedByUser`, …)."""

# What boxes say when they stop because we asked; some have no word for it.
_ON_OUR_REQUEST = ("Remote", "Other", None)

# Without a reason OCPP means that the driver ended it at the box (OCPP 1.6 section 6.49).
_LOCAL = "Local"


def stop_reason(*, told: str | None, asked_by: str | None) -> str:
    """Name the reason: ours when we asked for the stop and the box agrees, else the box's.

    `told` is StopTransaction's reason; `asked_by` is `api`, `portal`, or the limit that asked, if any did.
    """
    if asked_by and told in _ON_OUR_REQUEST:
        return asked_by
    if (told or _LOCAL) == _LOCAL:
        return "StoppedByUser"
    return f"ChargePoint{told}"
