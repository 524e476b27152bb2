"""The page of a charge point: what it does now, what it said, and what it can be asked."""

import re

import pytest

from tests.doors.portal_door import Visitor, answering
from tests.doors.portal_story import NOW, Network
from wattline.database.connection import Database


async def test_the_connector_that_matters_stands_first_with_its_figures(visitor: Visitor, network: Network) -> None:
    page = await visitor.get(f"/charge-points/{network.boxes['KOL-0004']}")
    assert page.all(r'<h2 id="h-[^"]*">(Connector \d)</h2>') == ["Connector 1", "Connector 2"]
    for words in ("Kolding Syd 4", "KOL-0004", "Alpitronic HYC300", "Connected for 6 d 4 h", "Power", "Energy", "Time"):
        assert words in page.text, words
    assert page.all(r'data-points="(\[\[\d+)')


async def test_without_contact_the_page_says_what_to_do(visitor: Visitor, network: Network) -> None:
    page = await visitor.get(f"/charge-points/{network.boxes['ODE-0001']}")
    assert "Cut its power, wait a minute, switch it on, wait 5 more." in page.text
    assert "No contact now, so it cannot be asked." in page.text


async def test_what_cannot_work_now_says_why(visitor: Visitor, network: Network) -> None:
    charging = await visitor.get(f"/charge-points/{network.boxes['KOL-0004']}")
    assert "Connector 2 needs a car first: nothing is plugged in." in charging.text
    assert "Connector 1 ends normally." in charging.text
    free = await visitor.get(f"/charge-points/{network.boxes['KOL-0005']}")
    assert "No charge runs here." in free.text
    assert "No charge is open here." in free.text
    plugged = await visitor.get(f"/charge-points/{network.boxes['AAR-0004']}")
    assert "A car is plugged in at connector 1." in plugged.text


async def test_force_stop_warns_that_the_payment_is_taken_away(visitor: Visitor, network: Network) -> None:
    page = await visitor.get(f"/charge-points/{network.boxes['KOL-0002']}/dialogs/force-stop")
    assert "and takes its payment away" in page.text
    assert "All 2 charges here" in page.text
    assert "stop it normally instead" in page.text


async def test_each_dialog_names_what_it_is_about(visitor: Visitor, network: Network) -> None:
    for identity, key, words in (
        ("AAR-0004", "start", "Start charge at Bassin 7 4"),
        ("KOL-0004", "stop", "Connector 1, charging"),
        ("KOL-0004", "unlock", "A charge that runs there ends first"),
        ("KOL-0002", "reboot", "2 charges end"),
        ("KOL-0005", "reboot", "No charge runs now."),
    ):
        page = await visitor.get(f"/charge-points/{network.boxes[identity]}/dialogs/{key}")
        assert words in page.text, key
        assert page.csrf
    await visitor.get(f"/charge-points/{network.boxes['KOL-0004']}/dialogs/explode", 404)


async def test_the_log_names_its_lines_and_says_what_they_mean(visitor: Visitor, network: Network) -> None:
    page = await visitor.get(f"/charge-points/{network.boxes['KOL-0004']}/connection")
    for name, meaning in (
        ("Charging", "Connector 1 gives energy to the car."),
        ("StartTransaction", "The charge began. Meter at 148.220,4 kWh."),
        ("StopTransaction", "The charge ended: the cable was pulled at the car."),
        ("SuspendedEV", "we cannot overrule it."),
        ("StatusNotification", "Connector 2 is free."),
        ("BootNotification", "It started up: Alpitronic HYC300."),
        ("Connect", "Back in contact after 11 min."),
        ("Disconnect", "It lost its connection to us: no answer to two pings (close code 1006)."),
    ):
        assert name in page.text, name
        assert meaning in page.text, meaning
    assert "What this charge point does differently" in page.text
    assert "StatusNotification.timestamp" in page.text
    assert "4.188 times" in page.text


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("kind=SuspendedEV", "SuspendedEV", "It started up"),
        ("q=1006", "Disconnect", "It started up"),
        ("from=2026-11-20T13:55", "StartTransaction", "It started up"),
        ("to=2026-11-20T11:00", "It started up", "gives energy"),
        ("q=no+such+thing", "Nothing matches", "It started up"),
    ],
)
async def test_the_log_is_searched_by_time_kind_and_text(
    visitor: Visitor, network: Network, query: str, shown: str, hidden: str
) -> None:
    page = await visitor.get(f"/charge-points/{network.boxes['KOL-0004']}/connection?{query}")
    log = page.text.partition("Connection log")[2].partition("does differently")[0]
    assert shown in log
    assert hidden not in log


async def test_every_message_shows_the_raw_frames_and_can_be_saved(visitor: Visitor, network: Network) -> None:
    base = f"/charge-points/{network.boxes['KOL-0004']}"
    page = await visitor.get(f"{base}/connection?view=all")
    assert '[2,"m-8","Charging",{}]' in page.text
    saved = await visitor.get(f"{base}/log.txt?view=all&q=m-8")
    assert saved.source.strip().endswith('< [2,"m-8","Charging",{}]')
    assert saved.headers["content-disposition"] == 'attachment; filename="KOL-0004-log.txt"'
    lines = (await visitor.get(f"{base}/log.txt")).source.splitlines()
    assert lines[0].endswith("Disconnect: It lost its connection to us: no answer to two pings (close code 1006).")
    assert len(lines) == 9


async def test_every_tab_of_every_kind_of_charge_point_opens(visitor: Visitor, network: Network) -> None:
    for identity in ("KOL-0003", "ODE-0001", "BAL-0004", "ROS-0003", "FLE-0003", "KBH-0004", "ODE-0006"):
        for tab in ("", "/charges", "/connection", "/actions", "/details"):
            await visitor.get(f"/charge-points/{network.boxes[identity]}{tab}")


@pytest.mark.parametrize(
    ("outcome", "answer", "said"),
    [
        ("accepted", {"status": "Accepted"}, "Reboot charge point: the charge point said yes"),
        ("refused", {"status": "Rejected"}, "Reboot charge point: the charge point said no"),
        ("error", {"code": "NotSupported", "description": "No Reset here"}, "No Reset here"),
        ("unknown", {}, "Nobody knows whether it has done it."),
    ],
)
async def test_the_outcome_of_a_remote_action_is_said_in_words(
    visitor: Visitor, network: Network, database: Database, outcome: str, answer: dict[str, str], said: str
) -> None:
    box = network.boxes["KOL-0004"]
    await visitor.get(f"/charge-points/{box}")
    async with answering(database, box, outcome, answer) as heard:  # type: ignore[arg-type]
        page = await visitor.do(f"/charge-points/{box}/deeds/reboot", {"kind": "Hard"})
    assert said in page.text
    assert [(each.action, each.payload) for each in heard] == [("Reset", {"type": "Hard"})]


async def test_without_contact_nothing_is_sent(visitor: Visitor, network: Network, database: Database) -> None:
    box = network.boxes["ODE-0001"]
    await visitor.get(f"/charge-points/{box}")
    page = await visitor.do(f"/charge-points/{box}/deeds/unlock", {"connector": "1"})
    assert "Unlock: not done" in page.text
    assert "The charge point is disconnected." in page.text
    async with database.read() as connection:
        assert await connection.fetchval("select count(*) from command where charge_point_id = $1", box) == 0


DEEDS = {
    "unlock": ({"connector": "2"}, "UnlockConnector", {"connectorId": 2}),
    "availability": ({"operative": "no"}, "ChangeAvailability", {"connectorId": 0, "type": "Inoperative"}),
    "get-configuration": ({"keys": "A, B"}, "GetConfiguration", {"key": ["A", "B"]}),
    "set-configuration": ({"key": "A", "value": "1"}, "ChangeConfiguration", {"key": "A", "value": "1"}),
    "trigger": ({"message": "MeterValues", "connector": "1"}, "TriggerMessage",
                {"requestedMessage": "MeterValues", "connectorId": 1}),
    "diagnostics": ({"location": "ftp://x.example/"}, "GetDiagnostics", {"location": "ftp://x.example/"}),
    "firmware": ({"location": "https://x.example/f", "at": "2026-11-21T03:00"}, "UpdateFirmware",
                 {"location": "https://x.example/f", "retrieveDate": "2026-11-21T02:00:00Z"}),
    "clear-cache": ({}, "ClearCache", {}),
    "cancel-reservation": ({"reservation_id": "7"}, "CancelReservation", {"reservationId": 7}),
    "clear-profile": ({"connector": "1"}, "ClearChargingProfile", {"connectorId": 1}),
    "composite-schedule": ({"minutes": "30", "unit": "W"}, "GetCompositeSchedule",
                           {"connectorId": 0, "duration": 1800, "chargingRateUnit": "W"}),
    "data-transfer": ({"vendor_id": "me", "data": "x"}, "DataTransfer", {"vendorId": "me", "data": "x"}),
    "raw": ({"action": "Oddity", "payload": '{"a": 1}'}, "Oddity", {"a": 1}),
}  # fmt: skip


async def test_each_deed_sends_the_message_it_stands_for(
    visitor: Visitor, network: Network, database: Database
) -> None:
    box = network.boxes["KOL-0004"]
    await visitor.get(f"/charge-points/{box}/actions")
    async with answering(database, box, "accepted", {"status": "Accepted"}) as heard:
        for key, (form, action, payload) in DEEDS.items():
            page = await visitor.do(f"/charge-points/{box}/deeds/{key}", form)
            assert "the charge point said yes" in page.text, key
            assert (heard[-1].action, heard[-1].payload) == (action, payload), key


async def test_settings_that_were_read_stand_on_the_page_at_once(
    visitor: Visitor, network: Network, database: Database
) -> None:
    box = network.boxes["KOL-0004"]
    page = await visitor.get(f"/charge-points/{box}/actions")
    assert "None yet." in page.text
    told = {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}]}
    async with answering(database, box, "accepted", told):
        page = await visitor.do(f"/charge-points/{box}/deeds/get-configuration", {"keys": ""})
    assert 'hx-target="#settings"' in page.source
    assert "HeartbeatInterval 300" in page.text


async def test_reserving_and_limiting_carry_the_values_of_the_form(
    visitor: Visitor, network: Network, database: Database
) -> None:
    box = network.boxes["KOL-0004"]
    await visitor.get(f"/charge-points/{box}/actions")
    async with answering(database, box, "accepted", {"status": "Accepted"}) as heard:
        form = {"connector": "2", "id_tag": "04AABB", "until": "2026-11-20T15:00"}
        await visitor.do(f"/charge-points/{box}/deeds/reserve", form)
        assert heard[-1].payload | {"reservationId": 0} == {
            "connectorId": 2, "idTag": "04AABB", "expiryDate": "2026-11-20T14:00:00Z", "reservationId": 0,
        }  # fmt: skip
        form = {"limit": "16,5", "unit": "A", "purpose": "ChargePointMaxProfile", "connector": "2"}
        await visitor.do(f"/charge-points/{box}/deeds/set-profile", form)
    profile = heard[-1].payload
    assert profile["connectorId"] == 0
    assert profile["csChargingProfiles"]["chargingSchedule"]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 16.5}
    ]


@pytest.mark.parametrize(
    ("key", "form", "said"),
    [
        ("raw", {"action": "X", "payload": "{nonsense"}, "payload: is not a JSON object"),
        ("set-configuration", {"key": " "}, "key: is empty."),
        ("unlock", {"connector": "9"}, "there is no such connector."),
        ("composite-schedule", {"minutes": "soon", "unit": "W"}, "minutes: is not a number."),
    ],
)
async def test_a_form_that_cannot_be_meant_is_told_so(
    visitor: Visitor, network: Network, key: str, form: dict[str, str], said: str
) -> None:
    box = network.boxes["KOL-0004"]
    await visitor.get(f"/charge-points/{box}/actions")
    assert said in (await visitor.do(f"/charge-points/{box}/deeds/{key}", form)).text


async def test_a_check_says_how_it_is(visitor: Visitor, network: Network, database: Database) -> None:
    box = network.boxes["KOL-0004"]
    await visitor.get(f"/charge-points/{box}")
    async with answering(database, box, "refused", {"status": "Rejected"}):
        page = await visitor.do(f"/charge-points/{box}/check")
    assert "The charge point answers and is well" in page.text
    away = await visitor.do(f"/charge-points/{network.boxes['ODE-0001']}/check")
    assert "The charge point is disconnected" in away.text


async def test_a_start_needs_a_car_and_then_asks_the_charge_point(
    visitor: Visitor, network: Network, database: Database
) -> None:
    free, plugged = network.boxes["KOL-0005"], network.boxes["AAR-0004"]
    await visitor.get(f"/charge-points/{plugged}")
    async with answering(database, free, "accepted", {}):
        refused = await visitor.do(f"/charge-points/{free}/start", {"connector": "1"})
    assert "No car is plugged in." in refused.text
    async with answering(database, plugged, "accepted", {"status": "Accepted"}) as heard:
        page = await visitor.do(f"/charge-points/{plugged}/start", {"connector": "1", "kwh": "12,5"})
    assert "Asked for a start" in page.text
    assert heard == [] or heard[0].action == "RemoteStartTransaction"
    (link,) = page.all(r'href="(/charges/\d+)"')
    charge = await visitor.get(link)
    assert "Starting" in charge.text
    assert "By the Portal" in charge.text
    assert "13 kWh" in charge.text or "12 kWh" in charge.text


async def test_force_stop_of_all_ends_every_charge_there(
    visitor: Visitor, network: Network, database: Database
) -> None:
    box = network.boxes["KOL-0002"]
    await visitor.get(f"/charge-points/{box}")
    page = await visitor.do(f"/charge-points/{box}/force-stop", {"charge": "all", "reason": "fire alarm"})
    assert page.text.count("Force stopped, nobody pays") == 2
    async with database.read() as connection:
        rows = await connection.fetch(
            """select state, price_minor, force_reason, forced_by from charge
               where charge_point_id = $1 and forced_at = $2""",
            box, NOW,
        )  # fmt: skip
    assert [tuple(row.values()) for row in rows] == [("completed", 0, "fire alarm", "Operations manager")] * 2


async def test_picked_charge_points_answer_row_by_row(visitor: Visitor, network: Network, database: Database) -> None:
    await visitor.get("/charge-points")
    there, away = network.boxes["KOL-0005"], network.boxes["ODE-0001"]
    async with answering(database, there, "accepted", {"status": "Accepted"}) as heard:
        page = await visitor.do("/charge-points/picked/check", {"box": [there, away]})
    assert [command.action for command in heard] == ["TriggerMessage"]
    rows = dict(re.findall(r'hx-target="#picked-(\d+)" hx-swap="innerHTML">(.*?)</hx-partial>', page.source, re.S))
    assert "The charge point answers" in rows[str(there)]
    assert "disconnected" in rows[str(away)]
    assert page.text.index("1 of 2 done") < page.text.index("2 of 2 done")


async def test_nobody_asks_the_charge_points_of_others(visitor: Visitor, network: Network) -> None:
    await visitor.get("/charge-points")
    await visitor.do("/charge-points/picked/check", {"box": [network.boxes["KOL-0005"], 999_999]}, 404)
    await visitor.do("/charge-points/picked/burn", {"box": [network.boxes["KOL-0005"]]}, 404)


async def test_without_scripts_the_outcome_is_a_page_of_its_own(visitor: Visitor, network: Network) -> None:
    box = network.boxes["ODE-0001"]
    await visitor.get(f"/charge-points/{box}")
    page = await visitor.submit(f"/charge-points/{box}/deeds/reboot", {"kind": "Soft"})
    assert "What came of it" in page.text
    assert "Reboot charge point: not done" in page.text
