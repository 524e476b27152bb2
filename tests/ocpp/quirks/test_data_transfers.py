"""What vendors hide in DataTransfer."""

from datetime import UTC, datetime

import pytest

from wattline.ocpp.quirks.data_transfers import status_in
from wattline.wire.ocpp import v16

EVBOX = (
    "1,SuspendedEVSE,NoError,No error.,0,Yellow,1,{20,8000,16},{0,0},{B,11904,8398,10229},0,0,210,"
    "2021-12-07T18:38:13Z,1638902295,3,{0,0,0,0,0,0,0,0,0},120,0,0,125,0,140,100,0"
)


def transfer(data: str | None, message_id: str = "evbStatusNotification") -> v16.DataTransfer:
    return v16.DataTransfer(vendor_id="EV-BOX", message_id=message_id, data=data)


def test_f12_evbox_tells_its_state_in_a_data_transfer() -> None:
    assert status_in(transfer(EVBOX)) == v16.StatusNotification(
        connector_id=1,
        error_code="NoError",
        status="SuspendedEVSE",
        info="No error.",
        timestamp=datetime(2021, 12, 7, 18, 38, 13, tzinfo=UTC),
    )


def test_f12_the_time_may_be_missing() -> None:
    status = status_in(transfer("2,Available,NoError,"))
    assert status is not None
    assert (status.connector_id, status.status, status.timestamp) == (2, "Available", None)


@pytest.mark.parametrize("data", [None, "", "1", "x,Available,NoError,", "1,Dancing,NoError,", "1,Available,Odd,"])
def test_f12_what_is_no_state_is_none(data: str | None) -> None:
    assert status_in(transfer(data)) is None


def test_other_data_is_not_looked_into() -> None:
    assert status_in(transfer(EVBOX, "evbConnectionInfo")) is None
    assert status_in(v16.DataTransfer(vendor_id="Other", message_id="evbStatusNotification", data=EVBOX)) is None
