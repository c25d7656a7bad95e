"""Peringatan: what an operator sees of the alarms, and what is noted of what he does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboards import markup, peringatan, peringatan_laporan
from dashboards.access import COOKIE
from data import alarms, lags
from data.alarms import rules
from data.asof import WIB
from tests import lakes
from tests.app.conftest import Hands

MINUTE = lakes.MINUTE
DAY = lakes.NOW.astimezone(WIB).date()
SIAGA1 = "gate_level:katulampa"
SIAGA3 = "gate_level:manggarai"


def alarm(
    alarm_id: str, severity: str, level: int, minutes_ago: int, **values: Any
) -> dict[str, Any]:
    rule, _, subject = alarm_id.partition(":")
    at = lakes.NOW - minutes_ago * MINUTE
    row = {
        "alarm_id": alarm_id,
        "rule": rule,
        "subject_kind": "gate",
        "subject_id": subject,
        "subject": subject,
        "severity": severity,
        "level": level,
        "state": "raised",
        "value": 860.0,
        "unit": "cm",
        "bound": 850.0,
        "title": f"Tinggi muka air {subject} naik",
        "feeds": "dsda_levels",
        "owner": "gubernur",
        "raised_at": at,
        "since": at,
        "lon": 106.82,
        "lat": -6.18,
        "kelurahan_code": "31.71.01.1001",
    }
    return row | lakes.common(lakes.NOW) | {"event_time": at, "known_time": at + MINUTE} | values


@pytest.fixture(scope="module")
def alarm_server(make: Callable[[Path], Flask], tmp_path_factory: pytest.TempPathFactory) -> Flask:
    home = tmp_path_factory.mktemp("alarms")
    lake = lakes.small_lake(home)
    with lake.write() as cursor:
        cursor.execute("delete from alarms")
        cursor.execute("delete from city_status")
        for row in (
            alarm(SIAGA3, "siaga3", 1, 30),
            alarm(SIAGA1, "siaga1", 3, 20),
            alarm("gate_level:depok", "siaga2", 2, 50, state="unassessable"),
            alarm("gate_level:karet", "siaga2", 2, 90),
            alarm("gate_level:karet", "siaga2", 2, 90)
            | {"event_time": lakes.NOW - 40 * MINUTE, "state": "cleared"},
        ):
            lakes.insert(cursor, "alarms", row)
        lakes.insert(
            cursor,
            "city_status",
            {
                "area_code": "31",
                "level": 4,
                "since": lakes.NOW - 20 * MINUTE,
                "reasons": '["1 pos berperingatan Siaga 1 – Bahaya: katulampa"]',
                "lowers": '["Kurang dari 1 pos berperingatan Siaga 1 – Bahaya (kini 1)"]',
                "unassessable": 1,
            }
            | lakes.common(lakes.NOW),
        )
    lake.close()
    return make(home)


@pytest.fixture
def desk(alarm_server: Flask, hands: Hands) -> FlaskClient:
    """A browser at the operator's desk; nobody has done anything yet."""
    store = alarm_server.extensions["komando"].store
    with store._engine.begin() as connection:
        connection.exec_driver_sql("delete from alarm_actions")
    next(iter(alarm_server.extensions["cache"])).clear()
    return alarm_server.test_client()


def body(client: FlaskClient, panel: str, **query: str) -> str:
    answer = client.get(f"/panel/{panel}", query_string=query)
    assert answer.status_code == 200
    return answer.text


def act(client: FlaskClient, alarm_id: str, action: str, **more: Any) -> tuple[int, dict[str, Any]]:
    answer = client.post(peringatan.ACT, json={"alarm": alarm_id, "action": action, **more})
    return answer.status_code, answer.get_json()


def waiting(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get(peringatan.WAITING).get_json()
    return found


def test_the_gravest_alarm_stands_first_and_what_cannot_be_judged_says_so(
    desk: FlaskClient,
) -> None:
    text = body(desk, "alarm-standing")
    order = [text.index(name) for name in (SIAGA1, "gate_level:depok", SIAGA3)]
    assert order == sorted(order)
    assert "tidak dapat dinilai sejak" in text
    assert "gate_level:karet" not in text
    assert text.count("Tandai diketahui:") == 3


def test_the_list_is_narrowed_by_the_url_and_by_area(desk: FlaskClient) -> None:
    unclear = body(desk, "alarm-standing", keadaan="tak-dinilai")
    assert "gate_level:depok" in unclear
    assert SIAGA1 not in unclear
    assert SIAGA1 in body(desk, "alarm-standing", aturan="gate_level", wilayah="31.71")
    assert "Tidak ada peringatan yang berlaku" in body(desk, "alarm-standing", wilayah="31.75")


@pytest.mark.parametrize("query", [{"aturan": "x"}, {"keadaan": "<script>"}, {"alarm": "'; --"}])
def test_nonsense_in_the_url_narrows_nothing(desk: FlaskClient, query: dict[str, str]) -> None:
    assert SIAGA1 in body(desk, "alarm-standing", **query)
    assert "tidak dikenal" in body(desk, "alarm-chosen", alarm="'; drop table alarms --")


def test_the_status_of_the_city_is_a_word_with_reasons_and_asks(desk: FlaskClient) -> None:
    text = body(desk, "alarm-status")
    assert "Sangat Tinggi" in text
    assert "1 pos berperingatan Siaga 1 – Bahaya: katulampa" in text
    assert "Sekretaris Daerah" in text
    assert "1 peringatan di baliknya tidak dapat dinilai" in text


def test_a_chosen_alarm_tells_what_to_do_who_decides_and_how_it_went(desk: FlaskClient) -> None:
    text = body(desk, "alarm-chosen", alarm=SIAGA1)
    for part in peringatan.steps("gate_level", 3):
        assert part in text
    assert "Yang memutuskan: gubernur" in text
    assert "Muncul" in text
    assert len(peringatan.steps("gate_level", 1)) < len(peringatan.steps("gate_level", 3))


def test_an_alarm_that_is_over_shows_how_it_went(desk: FlaskClient) -> None:
    text = body(desk, "alarm-chosen", alarm="gate_level:karet")
    assert "Sudah berakhir" in text
    assert "Tandai diketahui" not in text
    assert "gate_level:karet" in body(desk, "alarm-ended")


@pytest.mark.parametrize(
    ("severity", "held", "calls"),
    [
        ("warning", peringatan.Held(), True),
        ("siaga3", peringatan.Held(acknowledged_at=lakes.NOW), False),
        ("notice", peringatan.Held(), False),
    ],
)
def test_a_notice_waits_but_calls_nobody(severity, held, calls) -> None:
    row = alarm("corridor_collapse:sudirman", severity, 1, 5, state="active")
    assert peringatan.Shown(row, held).calls is calls


def test_an_acknowledged_alarm_waits_no_more_and_is_not_heard(desk: FlaskClient) -> None:
    before = waiting(desk)
    assert (before["count"], before["loud"], before["gravest"]) == (2, [SIAGA1], "siaga1")
    assert act(desk, SIAGA1, "acknowledge")[0] == 200
    after = waiting(desk)
    assert (after["count"], after["loud"], after["gravest"]) == (1, [], None)


def test_what_a_person_did_moves_the_panels_of_everybody(desk: FlaskClient, hands: Hands) -> None:
    # The program looks once a second; what it saw last may be of another test.
    hands.move(seconds=2)
    signature = desk.get("/panel/alarm-standing").headers["X-Signature"]
    act(desk, SIAGA1, "acknowledge")
    hands.move(seconds=2)
    answer = desk.get("/panel/alarm-standing")
    assert answer.headers["X-Signature"] != signature
    assert "Diketahui operator" in answer.text
    version = desk.get("/versi").get_json()["feeds"]["alarm_ledger"]["version"]
    assert f"alarm_ledger:{version}:fresh" in answer.headers["X-Signature"]


def test_an_acknowledgement_is_taken_back_while_the_alarm_stands(
    desk: FlaskClient, hands: Hands
) -> None:
    act(desk, SIAGA1, "acknowledge")
    hands.move(minutes=2)
    assert act(desk, SIAGA1, "unacknowledge")[0] == 200
    assert waiting(desk)["count"] == 2
    status, told = act(desk, SIAGA1, "unacknowledge")
    assert status == 422
    assert "dibatalkan" in told["error"]


def test_several_are_acknowledged_at_once_each_with_its_own_entry(desk: FlaskClient) -> None:
    answer = desk.post(
        peringatan.ACT_ON_ALL, json={"alarms": [SIAGA1, SIAGA3], "action": "acknowledge"}
    )
    assert (answer.status_code, answer.get_json()) == (200, {"noted": 2, "left": 0})
    assert waiting(desk)["count"] == 0
    for name in (SIAGA1, SIAGA3):
        assert "oleh operator" in body(desk, "alarm-chosen", alarm=name)


def test_of_several_those_that_ended_or_that_somebody_has_are_left_as_they_are(
    desk: FlaskClient,
) -> None:
    act(desk, SIAGA3, "snooze", minutes=30, reason="menunggu laporan")
    asked = {"alarms": [SIAGA1, SIAGA3, "gate_level:karet"], "action": "acknowledge"}
    answer = desk.post(peringatan.ACT_ON_ALL, json=asked)
    assert (answer.status_code, answer.get_json()) == (200, {"noted": 1, "left": 2})
    assert "Ditunda" in body(desk, "alarm-chosen", alarm=SIAGA3)
    assert desk.post(peringatan.ACT_ON_ALL, json=asked).get_json() == {"noted": 0, "left": 3}
    back = asked | {"action": "unacknowledge"}
    assert desk.post(peringatan.ACT_ON_ALL, json=back).get_json() == {"noted": 1, "left": 2}
    assert "Ditunda" in body(desk, "alarm-chosen", alarm=SIAGA3)


def test_what_names_no_alarms_notes_nothing(desk: FlaskClient) -> None:
    for nonsense in (None, SIAGA3, [{"alarm": SIAGA3}], [3]):
        assert (
            desk.post(
                peringatan.ACT_ON_ALL, json={"alarms": nonsense, "action": "acknowledge"}
            ).status_code
            == 422
        )
    assert waiting(desk)["count"] == 2


def test_an_alarm_that_the_list_leaves_out_says_so(desk: FlaskClient) -> None:
    left_out = "tidak ada di daftar"
    assert left_out not in body(desk, "alarm-chosen", alarm=SIAGA1)
    assert left_out in body(desk, "alarm-chosen", alarm=SIAGA1, keadaan="diketahui")
    assert left_out in body(desk, "alarm-chosen", alarm=SIAGA1, wilayah="31.75")
    unclear = body(desk, "alarm-chosen", keadaan="tak-dinilai")
    assert "alarm=gate_level%3Adepok" in unclear
    assert left_out not in unclear


def test_the_badge_says_what_it_leaves_out(desk: FlaskClient) -> None:
    assert "Dari 3 yang belum diketahui, 2 dihitung pada lencana menu" in body(
        desk, "alarm-standing"
    )


def test_a_snooze_needs_a_reason_and_comes_back_by_itself(desk: FlaskClient, hands: Hands) -> None:
    assert act(desk, SIAGA1, "snooze", minutes=30)[0] == 422
    assert act(desk, SIAGA1, "snooze", minutes=30, reason="menunggu petugas")[0] == 200
    found = waiting(desk)
    assert found["count"] == 1
    assert found["again"] is not None
    hands.move(minutes=31)
    assert waiting(desk)["count"] == 2


def test_an_alarm_is_handed_on_and_the_form_names_the_offices(desk: FlaskClient) -> None:
    form = desk.get(peringatan.FORM, query_string={"alarm": SIAGA1, "jenis": "hand_on"}).text
    assert all(name in form for name in ("gubernur", "kepala suku dinas"))
    assert act(desk, SIAGA1, "hand_on", owner="gubernur")[0] == 200
    assert "Diserahkan kepada gubernur" in body(desk, "alarm-chosen", alarm=SIAGA1)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"alarm": SIAGA1},
        {"alarm": "gate_level:karet", "action": "acknowledge"},
        {"alarm": SIAGA1, "action": "delete"},
        {"alarm": SIAGA1, "action": ["acknowledge"]},
        {"alarm": SIAGA1, "action": "snooze", "minutes": "60", "reason": "tunggu"},
        {"alarm": SIAGA1, "action": "snooze", "minutes": 1e300, "reason": "tunggu"},
        {"alarm": SIAGA1, "action": "note", "reason": 5},
        {"alarm": {"a": 1}, "action": "note"},
    ],
)
def test_what_cannot_be_noted_is_refused_and_told(desk: FlaskClient, asked: dict[str, Any]) -> None:
    answer = desk.post(peringatan.ACT, json=asked)
    assert answer.status_code == 422
    assert answer.get_json()["error"]
    assert waiting(desk)["count"] == 2


def test_an_unknown_form_is_not_found_and_one_of_an_ended_alarm_says_so(desk: FlaskClient) -> None:
    assert desk.get(peringatan.FORM, query_string={"jenis": "x"}).status_code == 404
    query = {"jenis": "note", "alarm": "gate_level:karet"}
    assert "sudah berakhir" in desk.get(peringatan.FORM, query_string=query).text


def test_an_alarm_of_a_gauge_above_others_says_what_is_known_of_earlier_times(
    desk: FlaskClient,
) -> None:
    text = body(desk, "alarm-chosen", alarm=SIAGA1)
    assert "Belum ada riwayat: katulampa belum pernah mencapai Siaga 1" in text
    assert "Waktu antisipasi" not in body(desk, "alarm-chosen", alarm=SIAGA3)


def test_the_record_of_a_gauge_is_a_share_with_its_interval() -> None:
    rows = [
        {
            "upstream_id": "katulampa",
            "downstream_id": "manggarai",
            "siaga": 3,
            "simulated": True,
            "times": times,
            "followed": 12,
            "ahead_h": 8.4,
        }
        for times in (41, 9)
    ]
    found = lags.records(
        [row | {"followed": min(12, row["times"])} for row in rows], "katulampa", 3
    )
    text = markup.html_text(peringatan.draw_record("Bendung Katulampa", 3, found))
    assert (
        "Dari 41 kali Bendung Katulampa mencapai Siaga 3, 12 kali P.A. Manggarai mencapai Siaga 3"
        " dalam 12 jam (29 %, rentang 90 %: 19–42 %), median waktu antisipasi 8,4 jam."
    ) in text
    assert "Baru 9 kali Bendung Katulampa mencapai Siaga 3: belum cukup riwayat" in text
    assert "data simulasi" in text


def test_the_report_of_an_alarm_holds_what_happened_what_was_done_and_the_chain(
    desk: FlaskClient,
) -> None:
    act(desk, SIAGA1, "acknowledge")
    act(desk, SIAGA1, "note", reason="=HYPERLINK(petugas menuju pos)")
    address = f"{peringatan_laporan.PATH}.csv"
    told = desk.get(address, query_string={"alarm": SIAGA1}).text
    *_, raised, known, noted = told.splitlines()
    assert ",Muncul,Siaga 1 – Bahaya,860.0,cm,850.0," in raised
    assert ",Diketahui,Siaga 1 – Bahaya,,,,operator," in known
    assert ",'=HYPERLINK(petugas menuju pos)," in noted
    assert noted.split(",")[-2] == known.split(",")[-1]
    assert f"rantai utuh, 2 entri, yang terakhir {noted.split(',')[-1]}" in told
    store = desk.application.extensions["komando"].store
    with store._engine.begin() as connection:
        connection.exec_driver_sql("update alarm_actions set role = 'lain' where action = 'note'")
    assert "RANTAI PUTUS" in desk.get(address, query_string={"alarm": SIAGA1}).text
    assert desk.get(address, query_string={"alarm": "x"}).status_code == 404
    assert desk.get(f"{peringatan_laporan.PATH}.pdf?alarm={SIAGA1}").status_code == 404
    workbook = desk.get(f"{peringatan_laporan.PATH}.xlsx?alarm={SIAGA1}")
    assert workbook.data.startswith(b"PK")


def test_in_replay_nothing_can_be_done_and_nothing_later_is_seen(desk: FlaskClient) -> None:
    act(desk, SIAGA1, "acknowledge")
    moment = (lakes.NOW - 15 * MINUTE).isoformat()
    text = body(desk, "alarm-standing", pada=moment)
    assert SIAGA1 in text
    assert "Tandai diketahui:" not in text
    assert "Diketahui operator" not in text
    chosen = body(desk, "alarm-chosen", alarm=SIAGA1, pada=moment)
    assert "Tindakan hanya pada kondisi terkini" in chosen
    earlier = (lakes.NOW - 25 * MINUTE).isoformat()
    assert SIAGA1 not in body(desk, "alarm-standing", pada=earlier)


@pytest.mark.parametrize("path", ["/peringatan", "/panel/alarm-standing", peringatan.WAITING])
@pytest.mark.parametrize(("role", "status"), [("publik", 403), ("lurah", 403), ("pimpinan", 200)])
def test_alarms_are_for_the_desk_and_those_above_it(
    desk: FlaskClient, path: str, role: str, status: int
) -> None:
    desk.set_cookie(COOKIE, role)
    assert desk.get(path).status_code == status
    if status == 403:
        assert desk.post(peringatan.ACT, json={}).status_code == 403


def test_the_load_of_the_desk_is_held_against_what_one_operator_can_take(desk: FlaskClient) -> None:
    text = body(desk, "alarm-figures")
    assert "EEMUA 191" in text
    assert "2 belum diketahui" in text or "3 belum diketahui" in text


def test_every_rule_has_steps_for_its_lightest_level_and_more_for_graver_ones() -> None:
    for rule in rules(DAY).values():
        counts = [len(peringatan.steps(rule.id, rung.level)) for rung in rule.rungs]
        assert counts[0] >= 2
        assert counts == sorted(counts)


def test_every_severity_has_a_sign_and_a_word() -> None:
    assert peringatan.SIGNS.keys() == peringatan.SEVERITY_WORDS.keys() == set(alarms.SEVERITIES)
    for severity in alarms.SEVERITIES:
        html = markup.html_text(peringatan.severity_mark(severity))
        assert peringatan.SEVERITY_WORDS[severity] in html


def test_two_days_of_alarms_stay_one_screen_long(desk: FlaskClient) -> None:
    rows = [
        peringatan.Shown(
            alarm(f"gate_level:{number}", "siaga3", 1, number) | {"state": "active"},
            peringatan.Held(),
        )
        for number in range(60)
    ]
    site = desk.application.extensions["komando"]
    with desk.application.test_request_context("/"):
        view = site.view()
    text = markup.html_text(peringatan.draw_standing(rows, view, rules(DAY)))
    assert "40 peringatan lain" in text


def test_notices_of_corridors_make_one_line_that_opens_to_them(desk: FlaskClient) -> None:
    roads = [
        peringatan.Shown(
            alarm(f"corridor_collapse:{name}", "notice", 1, 5)
            | {"state": "active", "subject_kind": "corridor", "unit": "%"}
            | {"title": f"Lalu lintas {name} jauh lebih lambat dari biasanya pada jam ini"},
            peringatan.Held(),
        )
        for name in ("Gatot Subroto", "Rasuna Said", "Sudirman")
    ]
    pages = desk.application
    with pages.test_request_context("/"):
        view = pages.extensions["komando"].view()
    text = markup.html_text(peringatan.draw_standing(roads, view, rules(DAY)))
    assert "Lalu lintas 3 koridor jauh lebih lambat dari biasanya" in text
    assert text.count("alarm-gathered") == 1
    assert all(f'data-alarm="{one.row["alarm_id"]}"' in text for one in roads)
    assert "tertua sejak" in text
    assert "Tandai semua diketahui" in text
    known = [replace(one, held=peringatan.Held(acknowledged_at=lakes.NOW)) for one in roads]
    told = markup.html_text(peringatan.draw_standing(known, view, rules(DAY)))
    assert "Tandai semua" not in told
    assert "Batalkan semua" in told
    for fewer in (roads[:2], [replace(roads[0], row=roads[0].row | {"state": "unassessable"})]):
        assert "alarm-gathered" not in markup.html_text(
            peringatan.draw_standing(fewer, view, rules(DAY))
        )
