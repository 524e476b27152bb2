"""A check says in one sentence how a charge point is, and what to do."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from wattline.domain.check_up import ERROR_WORDS, Findings, meaning_of_error, verdict
from wattline.domain.log_lines import MEANINGS, LogKind, kind_of_status, meaning_of

WELL = Findings(
    connected=True,
    disconnected_at=None,
    outcome="accepted",
    status="Available",
    error_code="NoError",
    error_info=None,
    fresh_status=True,
    deviations=0,
)


def test_a_charge_point_that_is_well() -> None:
    result = verdict(WELL)
    assert result.ok
    assert result.sentence == "The charge point answers and is well: free."
    assert result.evidence == (
        ("Connected", "yes"),
        ("Asked just now", "it answered and told its status"),
        ("Status", "free"),
    )


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        (replace(WELL, connected=False, outcome=None), "is disconnected"),
        (replace(WELL, outcome="no-answer"), "does not answer"),
        (replace(WELL, outcome="unknown"), "does not answer"),
        (replace(WELL, status="Faulted", error_code="GroundFailure"), "call an electrician"),
        (replace(WELL, error_code="Vendor42"), "Vendor42. Look the code up"),
        (replace(WELL, status="Faulted"), "without saying which"),
        (replace(WELL, status="Unavailable"), "out of service"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(findings: Findings, words: str) -> None:
    result = verdict(findings)
    assert not result.ok
    assert words in result.sentence


def test_old_knowledge_is_told_from_fresh() -> None:
    away = replace(
        WELL, connected=False, outcome=None, fresh_status=False, disconnected_at=datetime(2026, 11, 20, 9, tzinfo=UTC)
    )
    evidence = dict(verdict(replace(away, deviations=3)).evidence)
    assert evidence["Connected"] == "no, since 2026-11-20 09:00 UTC"
    assert evidence["Last known status"] == "free"
    assert evidence["Oddities of this charge point"] == "3 kinds noted"


def test_every_error_code_of_ocpp_has_words() -> None:
    assert all(meaning_of_error(code) == words for code, words in ERROR_WORDS.items())
    assert len(ERROR_WORDS) == 15


def test_every_kind_of_log_line_has_a_meaning() -> None:
    assert all(kind in MEANINGS for kind in LogKind)
    assert "MakeCoffee" in meaning_of("MakeCoffee")


@pytest.mark.parametrize(
    ("status", "kind"),
    [("Charging", "Charging"), ("SuspendedEV", "SuspendedEV"), ("Available", "StatusNotification")],
)
def test_three_statuses_have_a_line_of_their_own_name(status: str, kind: str) -> None:
    assert kind_of_status(status) == kind
