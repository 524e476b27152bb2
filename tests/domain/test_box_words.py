"""What boxes say, made usable: times, reasons, signatures."""

from datetime import UTC, datetime, timedelta

import pytest

from wattline.domain.box_time import trusted_time
from wattline.domain.signed_data import signed_data
from wattline.domain.stop_reasons import stop_reason

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("told", [NOON, NOON - timedelta(days=30), NOON + timedelta(minutes=4)])
def test_b8_a_time_that_can_be_true_is_believed_even_weeks_late(told: datetime) -> None:
    assert trusted_time(told, received_at=NOON) == told


@pytest.mark.parametrize("told", [datetime(1970, 1, 1, tzinfo=UTC), NOON + timedelta(hours=2)])
def test_b7_f7_a_time_that_cannot_be_true_is_when_we_heard_it(told: datetime) -> None:
    assert trusted_time(told, received_at=NOON) == NOON


@pytest.mark.parametrize(
    ("told", "asked_by", "reason"),
    [
        ("Remote", "api", "api"),
        (None, "kwh-limit", "kwh-limit"),
        ("Other", "portal", "portal"),
        ("EVDisconnected", "api", "ChargePointEVDisconnected"),
        ("Local", "api", "StoppedByUser"),
        (None, None, "StoppedByUser"),
        ("Remote", None, "ChargePointRemote"),
        ("PowerLoss", None, "ChargePointPowerLoss"),
    ],
)
def test_a_stop_has_the_reason_of_whoever_caused_it(told: str | None, asked_by: str | None, reason: str) -> None:
    assert stop_reason(told=told, asked_by=asked_by) == reason


def test_signed_values_are_kept_word_for_word() -> None:
    begin = {"value": "OCMF|{begin}|{sig}", "format": "SignedData", "context": "Transaction.Begin"}
    end = {"value": "OCMF|{end}|{sig}", "format": "SignedData", "context": "Transaction.End"}
    plain = {"value": "1200", "context": "Transaction.End"}
    assert signed_data([begin, plain, end]) == {
        "format": "OCMF", "startMeter": "OCMF|{begin}|{sig}", "endMeter": "OCMF|{end}|{sig}",
    }  # fmt: skip
    assert signed_data([end]) == {"format": "OCMF", "startMeter": None, "endMeter": "OCMF|{end}|{sig}"}
    assert signed_data([begin]) == {"format": "OCMF", "startMeter": None, "endMeter": "OCMF|{begin}|{sig}"}
    assert signed_data([{"value": "7B22", "format": "SignedData"}]) == {
        "format": "UNKNOWN", "startMeter": None, "endMeter": "7B22",
    }  # fmt: skip
    assert signed_data([plain]) is None
