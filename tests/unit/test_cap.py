"""The city's alarms as CAP 1.2: what a message holds, in which order, and what it refers to."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import product

import pytest
from defusedxml import ElementTree as xml

from dashboards import cap
from data import reference
from tests import lakes

SPACE = f"{{{cap.CAP_SPACE}}}"
# CAP 1.2, section 3.2: elements in the order of the schema, with how often each may stand there.
ORDER = {
    "alert": (
        "identifier sender sent status msgType source? scope restriction? addresses? code* note?"
        " references? incidents? info*"
    ),
    "info": (
        "language? category+ event responseType* urgency severity certainty audience? eventCode*"
        " effective? onset? expires? senderName? headline? description? instruction? web? contact?"
        " parameter* resource* area*"
    ),
    "area": "areaDesc polygon* circle* geocode* altitude? ceiling?",
    "parameter": "valueName value",
    "geocode": "valueName value",
}
WORDS = {
    "status": "Actual Exercise System Test Draft",
    "msgType": "Alert Update Cancel Ack Error",
    "scope": "Public Restricted Private",
    "category": "Geo Met Safety Security Rescue Fire Health Env Transport Infra CBRNE Other",
    "responseType": "Shelter Evacuate Prepare Execute Avoid Monitor Assess AllClear None",
    "urgency": "Immediate Expected Future Past Unknown",
    "severity": "Extreme Severe Moderate Minor Unknown",
    "certainty": "Observed Likely Possible Unlikely Unknown",
}
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d"
PAIR = r"-?\d{1,2}(\.\d+)?,-?\d{1,3}(\.\d+)?"
FORMS = {
    **dict.fromkeys(("sent", "effective", "onset", "expires"), TIME),
    **dict.fromkeys(("identifier", "sender"), r"[^\s,<&]+"),
    "references": rf"[^\s,]+,[^\s,]+,{TIME}",
    "circle": rf"{PAIR} \d+(\.\d+)?",
}


def row(**changes):
    return {
        "alarm_id": "gate_level:manggarai",
        "rule": "gate_level",
        "subject_kind": "gate",
        "subject_id": "manggarai",
        "subject": "P.A. Manggarai",
        "level": 2,
        "state": "raised",
        "title": "Tinggi muka air P.A. Manggarai mencapai Siaga 2 – Siaga",
        "value": 861.0,
        "unit": "cm",
        "bound": 850.0,
        "raised_at": lakes.NOW - timedelta(minutes=3),
        "event_time": lakes.NOW - timedelta(minutes=2),
        "known_time": lakes.NOW - timedelta(minutes=1, microseconds=7),
        "previous_time": None,
        "newest": True,
        "lon": 106.848,
        "lat": -6.2077,
        "kelurahan_code": "31.74.01.1003",
        "simulated": False,
    } | changes


def message(outline=lakes.SQUARE, place="Manggarai", **changes):
    text = cap.message(row(**changes), outline, place, "http://localhost/")
    return xml.fromstring(text)


def text(element, path):
    return element.findtext("/".join(SPACE + part for part in path.split("/")))


def faults(element):
    """Return what of an element, and of all in it, breaks the rules of CAP 1.2."""
    name, said = element.tag.removeprefix(SPACE), element.text or ""
    inside = [fault for child in element for fault in faults(child)]
    return inside if is_sound(name, said, element) else [f"{name}: {said}", *inside]


def is_sound(name, said, element):
    if name in ORDER:
        wanted = "".join(
            f"(?:<{part.rstrip('?*+')}>){part[-1] if part[-1] in '?*+' else ''}"
            for part in ORDER[name].split()
        )
        found = "".join(f"<{child.tag.removeprefix(SPACE)}>" for child in element)
        return re.fullmatch(wanted, found) is not None
    if len(element) or not said:
        return False
    if name in WORDS:
        return said in WORDS[name].split()
    if name == "polygon":
        corners = said.split(" ")
        closed = len(corners) >= 4 and corners[0] == corners[-1]
        return closed and all(re.fullmatch(PAIR, corner) for corner in corners)
    return re.fullmatch(FORMS.get(name, r"(?s).+"), said) is not None


@pytest.mark.parametrize(
    ("state", "previous", "simulated", "outline"),
    list(
        product(
            ("raised", "changed", "cleared", "unassessable"),
            (None, lakes.NOW - timedelta(hours=1)),
            (False, True),
            (None, lakes.SQUARE),
        )
    ),
)
def test_every_message_is_built_as_cap_1_2_wants_it(state, previous, simulated, outline):
    for rule, level in cap.levels():
        built = message(
            outline,
            rule=rule,
            level=level,
            alarm_id=f"{rule}:manggarai",
            state=state,
            previous_time=previous,
            simulated=simulated,
        )
        assert faults(built) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sent", "2026-03-12T03:10:00Z"),
        ("status", "Aktual"),
        ("identifier", "gate level"),
        ("info/severity", ""),
        ("info/area/polygon", "-6.2,106.8 -6.3,106.8 -6.3,106.9 -6.2,106.9"),
    ],
)
def test_what_breaks_the_rules_is_seen(name, said):
    built = message()
    built.find("/".join(SPACE + part for part in name.split("/"))).text = said
    assert faults(built) == [f"{name.split('/')[-1]}: {said}"]


def test_elements_out_of_order_are_seen():
    built = message()
    built.append(built[0])
    assert len(faults(built)) == 1


def test_a_simulated_alarm_is_an_exercise_and_says_so_wherever_it_is_read():
    alert = message(simulated=True)
    assert text(alert, "status") == "Exercise"
    assert text(alert, "note") == "DATA SIMULASI"
    assert text(alert, "info/headline").startswith("DATA SIMULASI")
    assert text(alert, "info/description").startswith("DATA SIMULASI")
    real = message()
    assert text(real, "status") == "Actual"
    assert text(real, "note") is None


def test_what_follows_updates_and_what_ends_cancels_the_message_before():
    first = row()
    second = row(state="changed", known_time=lakes.NOW, previous_time=first["known_time"], level=3)
    last = row(state="cleared", known_time=lakes.NOW, previous_time=first["known_time"])
    assert [cap.kind(one) for one in (first, second, last)] == ["Alert", "Update", "Cancel"]
    alert = message(state="cleared", known_time=lakes.NOW, previous_time=first["known_time"])
    before = message()
    referred = (text(before, name) for name in ("sender", "identifier", "sent"))
    assert text(alert, "references") == ",".join(referred)
    assert text(alert, "info/responseType") == "AllClear"
    assert text(alert, "info/urgency") == "Past"
    assert text(alert, "info/instruction") is None


def test_what_cannot_be_judged_is_of_unknown_urgency_and_certainty():
    alert = message(state="unassessable", previous_time=lakes.NOW - timedelta(hours=1))
    assert text(alert, "info/urgency") == text(alert, "info/certainty") == "Unknown"
    assert "tidak dapat dinilai" in text(alert, "info/description")


def test_a_graver_siaga_is_more_severe_and_more_urgent():
    told = [message(level=level) for level in (1, 2, 3)]
    assert [text(one, "info/severity") for one in told] == ["Moderate", "Severe", "Extreme"]
    assert [text(one, "info/urgency") for one in told] == ["Future", "Expected", "Immediate"]


def test_times_are_those_of_jakarta_and_the_link_leads_to_the_replay():
    alert = message()
    assert text(alert, "sent") == "2026-03-12T03:08:59+07:00"
    assert text(alert, "info/expires") == "2026-03-13T03:08:59+07:00"
    assert text(alert, "info/language") == "id-ID"
    assert text(alert, "info/web") == (
        "http://localhost/publik?wilayah=31.74.01.1003&pada=2026-03-12T03:09&seperti=saat-itu"
    )


def test_the_place_is_the_kelurahan_or_a_circle_outside_the_city():
    inside = message()
    assert text(inside, "info/area/polygon").startswith("-6.20000,106.80000 ")
    assert text(inside, "info/area/geocode/value") == "31.74.01.1003"
    outside = message(None, None, kelurahan_code=None)
    assert text(outside, "info/area/circle") == "-6.20770,106.84800 1"
    assert text(outside, "info/area/geocode") is None


def test_numbers_are_told_with_unit_bound_and_moment():
    assert text(message(), "info/description") == (
        "P.A. Manggarai: 861\N{NO-BREAK SPACE}cm, ambang 850\N{NO-BREAK SPACE}cm, Kamis, 12 Maret"
        " 2026 pukul 03.08 WIB."
    )


def test_only_flood_and_air_are_told_and_every_level_of_their_rules():
    assert cap.rules() == {"gate_level", "gate_rise", "ispu"}
    known = {
        (told["rule"], int(told["level"]))
        for told in reference.rows("alarm_rules")
        if told["rule"] in cap.rules()
    }
    assert set(cap.levels()) == known


def test_a_name_leads_back_to_its_alarm_and_second():
    name = cap.name_of("gate_level:manggarai", lakes.NOW)
    assert name == "gate_level.manggarai.20260312T031000"
    assert cap.read_name(name) == ("gate_level:manggarai", lakes.NOW)
    for wrong in ("gate_level", "a.b.c", "a.b.20261399T000000", "a.b.c.d"):
        with pytest.raises(ValueError, match=r".+"):
            cap.read_name(wrong)


def test_marks_in_a_name_do_not_break_a_message():
    alert = message(subject="Pos <A> & “B”", title="Tinggi muka air Pos <A> & “B”")
    assert "<A> & “B”" in text(alert, "info/headline")


def test_the_index_leads_to_each_message_newest_first():
    rows = [row(known_time=lakes.NOW), row(alarm_id="gate_rise:depok", rule="gate_rise")]
    feed = xml.fromstring(cap.index(rows, lakes.NOW, "http://localhost/api/v1/cap/", "http://l/"))
    atom = f"{{{cap.ATOM_SPACE}}}"
    assert feed.findtext(f"{atom}updated") == "2026-03-12T03:10:00+07:00"
    entries = feed.findall(f"{atom}entry")
    link = entries[0].find(f"{atom}link")
    assert link.get("type") == "application/cap+xml"
    assert [entry.findtext(f"{atom}id").rpartition("/")[2] for entry in entries] == [
        "gate_level.manggarai.20260312T031000.xml",
        "gate_rise.depok.20260312T030859.xml",
    ]
    assert link.get("href") == entries[0].findtext(f"{atom}id")


def test_an_index_without_alarms_is_an_index():
    feed = xml.fromstring(cap.index([], lakes.NOW, "http://localhost/api/v1/cap/", "http://l/"))
    assert feed.findtext(f"{{{cap.ATOM_SPACE}}}updated") == "2026-03-12T03:10:00+07:00"
