"""How the Portal reads out figures, times and states: pure functions, told as examples."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.domain.test_causes import NOW as CAUSES_SEEN_AT
from tests.domain.test_causes import STORIES as CAUSE_STORIES
from wattline.domain.causes.diagnosis import diagnose
from wattline.portal.charge_page import mean_power
from wattline.portal.charge_rows import reason_of
from wattline.portal.curves import whole_curve
from wattline.portal.power_line import STEP, charge_line, power_line
from wattline.portal.reasons import source_words, stop_words
from wattline.portal.rows import box_href, day_strip, plug_kind
from wattline.portal.states import error_words, point_look, point_reason
from wattline.portal.why import say_all as say_causes
from wattline.queries.portal_charge_points import StateChange
from wattline.queries.portal_charges import ChargeLine
from wattline.queries.portal_power import PowerPoint
from wattline.web.drawing import Axis, line, round_top, strip
from wattline.web.formats import Formats, figure, lasted, marked, stopwatch

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DANISH = Formats.of("en-DK", "Europe/Copenhagen", now=NOON)
AMERICAN = Formats.of("en_US", "America/New_York", now=NOON)


def test_figures_follow_the_viewers_locale() -> None:
    assert DANISH.number(1692.4) == "1.692"
    assert AMERICAN.number(1692.4, 1) == "1,692.4"
    assert DANISH.number(-109) == "−109"
    assert DANISH.power(96_400).striptags() == "96,4\u202fkW"
    assert DANISH.energy(None).striptags() == "–"
    assert DANISH.power_whole(1_692_000, "kW now").striptags() == "1.692\u202fkW now"
    assert DANISH.power_whole(12_340).striptags() == "12,3\u202fkW"


def test_an_unknown_locale_or_zone_falls_back_and_breaks_nothing() -> None:
    formats = Formats.of("tlh-QO", "Mars/Olympus", now=NOON)
    assert formats.number(1.5, 1) == "1.5"
    assert formats.clock(NOON) == "12:00:00"


def test_units_and_names_are_escaped() -> None:
    assert "<b>" not in figure("<b>1</b>", "<i>kW</i>")
    assert marked("<Kolding>", "kold") == "&lt;<b>Kold</b>ing&gt;"
    assert marked("Kolding", "") == "Kolding"


def test_times_are_short_where_that_is_clear() -> None:
    assert DANISH.when(NOON) == "13:00:00"
    assert DANISH.when(NOON - timedelta(days=2)) == "18 Nov 13:00"
    assert DANISH.when(NOON - timedelta(days=600)) == "30 Mar 2025"
    assert DANISH.day(NOON) == "Friday 20 November"
    assert AMERICAN.minute(NOON) == "07:00"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s"), (0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (4800, "1 h 20 min"),
        (86_400, "1 d"), (6 * 86_400 + 4 * 3600, "6 d 4 h"),
    ],
)  # fmt: skip
def test_durations_are_said_in_their_two_largest_units(seconds: int, said: str) -> None:
    assert lasted(timedelta(seconds=seconds)) == said


def test_a_stopwatch_shows_hours_only_when_there_are_any() -> None:
    assert stopwatch(timedelta(minutes=26, seconds=4)) == "26:04"
    assert stopwatch(timedelta(hours=1, minutes=6, seconds=4)) == "1:06:04"


def test_the_line_ends_at_now_and_stays_below_sixty_percent() -> None:
    drawn = line([0, 50, 100, 20])
    heights = [float(corner.split()[1]) for corner in drawn.path.removeprefix("M").split("L")]
    assert min(heights) >= 40
    assert drawn.end == round(100 - heights[-1])
    assert not drawn.flat
    assert line([]).flat
    assert line([None, 0]).flat


def test_the_figure_at_the_end_of_the_line_stands_above_what_it_covers() -> None:
    fell = line([0] * 70 + [100] * 10 + [0] * 20)
    assert fell.end == 1
    # On a phone the figure covers so much of the day that it reaches back to where power was high.
    assert (fell.clear, fell.clear_narrow) == (5, 60)
    assert line([0] * 95 + [100] * 5).clear == 60


def test_steps_without_readings_are_zero_and_the_end_is_now() -> None:
    drawn = power_line([PowerPoint(NOON - STEP * 3, 1000)], 500, now=NOON)
    assert drawn.now_w == 500
    assert drawn.line.path.count("L") == 143


def test_gaps_between_readings_of_a_charge_are_bridged_and_its_margins_are_not() -> None:
    points = [PowerPoint(NOON, 1000), PowerPoint(NOON + timedelta(minutes=50), 1000)]
    drawn = charge_line(points, margin=timedelta(minutes=5), ended=True)
    heights = [float(corner.split()[1]) for corner in drawn.line.path.removeprefix("M").split("L")]
    assert heights[0] == 99.0
    assert heights[-1] == 99.0
    assert heights[72] < 50
    assert charge_line([], margin=timedelta(minutes=5), ended=True).line.flat


def test_mean_power_counts_the_time_in_which_energy_flowed() -> None:
    every = timedelta(minutes=5)
    points = [PowerPoint(NOON + every * step, watts) for step, watts in enumerate([0, 0, 60_000, 60_000, 0, 0])]
    assert mean_power(15_000, points) == 60_000
    assert mean_power(0, points[:2]) is None


def test_a_day_strip_joins_equal_neighbours_and_covers_the_whole_day() -> None:
    start = NOON - timedelta(hours=24)
    stretches = [(start - timedelta(hours=3), "available"), (start + timedelta(hours=6), "available"),
                 (start + timedelta(hours=12), "charging")]  # fmt: skip
    assert [(each.x, each.ground) for each in strip(stretches, start=start, end=NOON)] == [
        ("0.0", "available"), ("120.0", "charging"),
    ]  # fmt: skip


def test_where_connectors_differ_the_louder_one_shows() -> None:
    ago = [NOON - timedelta(hours=hours) for hours in (12, 12, 6, 3)]
    states = [(1, "busy-charging"), (2, "available"), (1, "available"), (2, "error")]
    changes = [StateChange(connector, at, state) for at, (connector, state) in zip(ago, states, strict=True)]
    grounds = [each.ground for each in day_strip(changes, now=NOON)]
    assert grounds == ["off", "charging", "available", "error"]


def test_the_axis_labels_round_moments() -> None:
    axis = Axis(NOON + timedelta(minutes=3), NOON + timedelta(minutes=65), 0, 100)
    assert [tick.strftime("%H:%M") for tick in axis.ticks()] == [
        "12:10", "12:20", "12:30", "12:40", "12:50", "13:00",
    ]  # fmt: skip
    assert axis.x(NOON) == 0
    assert axis.x(NOON + timedelta(hours=5)) == 100


@pytest.mark.parametrize(
    ("highest", "top"), [(118.0, 150.0), (11.0, 15.0), (3.0, 3.0), (1.0, 1.0), (349.0, 400.0), (22.1, 30.0)]
)
def test_the_power_axis_ends_at_a_round_value(highest: float, top: float) -> None:
    found, levels = round_top(highest)
    assert found == top
    assert levels[-1] == top
    assert len(levels) <= 4


def test_a_state_nobody_knows_is_said_to_be_unknown() -> None:
    assert point_look("levitating")[1].word == "Unknown"
    assert point_reason("levitating", DANISH) == ""


def test_errors_are_said_in_words_and_else_as_the_charge_point_said_them() -> None:
    assert error_words("GroundFailure", None) == "isolation fault"
    assert error_words("OtherError", "lid open") == "lid open"
    assert error_words(None, None) == ""


def test_reasons_lose_their_prefix_and_keep_their_meaning() -> None:
    assert stop_words("ChargePointEVDisconnected") == "the cable was pulled at the car"
    assert stop_words("StoppedByUser") == "the driver ended it"
    assert stop_words("SomethingNew") == "SomethingNew"
    assert stop_words(None) == ""
    assert source_words("cpi-auth-token") == "a charge key"


def test_what_has_no_hardware_leads_to_the_wizard() -> None:
    assert box_href(7) == "/charge-points/7"
    assert box_href(-7) == "/charge-points/add/7"
    assert [plug_kind(types) for types in ([], ["type2"], ["ccs", "chademo"], ["chademo"])] == [
        "type2", "type2", "ccs", "chademo",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"failed_at": NOON, "failure_code": "start-expired"}, "never began"),
        ({"failed_at": NOON, "failure_code": "start-refused"}, "did not start"),
        ({"state": "paused", "raw_state": "suspended_evse"}, "by the charge point"),
        ({"state": "completed", "stop_reason": "force-stop"}, "it was force stopped"),
        ({"state": "completed", "stop_reason": "StoppedByUser"}, ""),
        ({"state": "charging"}, ""),
    ],
)
def test_a_row_says_only_what_one_has_to_know(changes: dict[str, object], said: str) -> None:
    values = dict.fromkeys(ChargeLine.__slots__) | {"state": "stopped", "energy_wh": 0} | changes
    assert reason_of(ChargeLine(**values)) == said  # type: ignore[arg-type]


def test_a_curve_begins_at_zero_and_ends_at_what_flows_now_or_at_zero() -> None:
    reading = PowerPoint(NOON + timedelta(seconds=20), 9000)
    running = whole_curve([reading], started_at=NOON, stopped_at=None, power_w=9100, now=NOON + timedelta(seconds=25))
    assert [point.power_w for point in running] == [0, 9000, 9100]
    stopped_at = NOON + timedelta(seconds=30)
    ended = whole_curve([reading], started_at=NOON, stopped_at=stopped_at, power_w=0, now=NOON + timedelta(hours=1))
    assert ended[-1] == PowerPoint(stopped_at, 0)
    assert len(whole_curve([], started_at=NOON, stopped_at=None, power_w=None, now=NOON + timedelta(seconds=1))) == 2
    assert whole_curve([], started_at=None, stopped_at=NOON, power_w=None, now=NOON) == []


def test_every_cause_has_words_a_next_step_and_every_proof_can_be_read() -> None:
    formats = Formats.of("en-DK", "Europe/Copenhagen", now=CAUSES_SEEN_AT)
    for _, facts, cause in CAUSE_STORIES:
        for why in say_causes(diagnose(facts).findings, formats):
            assert why.heading, cause
            assert why.todo or why.hue == "green", cause
            assert all(line.strip() for line in why.evidence), cause
            assert "None" not in " ".join([why.heading, why.reasoning, why.todo, *why.evidence]), cause
