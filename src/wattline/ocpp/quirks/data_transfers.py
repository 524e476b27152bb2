"""What vendors hide in DataTransfer (F12)."""

import re

import msgspec

from wattline.wire.ocpp import v16

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def status_in(transfer: v16.DataTransfer) -> v16.StatusNotification | None:
    """Read EVBox's `evbStatusNotification`: connector, status, error code and a text, then its own inner numbers.

    For example `1,SuspendedEVSE,NoError,No error.,0,Yellow,1,{20,8000,16},…,2021-12-07T18:38:13Z,…`.
    """
    if (transfer.vendor_id, transfer.message_id) != ("EV-BOX", "evbStatusNotification"):
        return None
    data = transfer.data or ""
    connector, status, error, info = (*data.split(",", 4), "", "", "", "")[:4]
    stamp = _TIME.search(data)
    told = {
        "connectorId": connector,
        "status": status,
        "errorCode": error,
        "info": info,
        "timestamp": stamp[0] if stamp else None,
    }
    try:
        return msgspec.convert(told, v16.StatusNotification, strict=False)
    except msgspec.ValidationError:
        return None
