"""The governor's brief on a small lake: what it says, what it rests on, what it leaves out."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta

import pytest

from data import queries
from data.asof import WIB, AsOf
from data.brief.content import Registers, content
from data.brief.editions import changed, freeze, items_of, thaw
from data.brief.figures import registry
from data.brief.model import NOT_JUDGED
from data.lake import Lake
from data.store import Store
from tests import brief_lakes, lakes
from tests.brief_lakes import CUT, DAY, HOUR, MINUTE
from tests.brief_rules import breaches

THEN = AsOf(CUT, CUT, live=False)
REGISTERS = {"feeds_at", "ledger", "victims", "directives"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("brief")


@pytest.fixture(scope="module")
def lake(home):
    lake = brief_lakes.flood_morning(home)
    lake.hold_reference()
    yield lake
    lake.close()


@pytest.fixture(scope="module")
def registers(tmp_path_factory):
    return Registers.of(Store(f"sqlite:///{tmp_path_factory.mktemp('store')}/store.sqlite"))


@pytest.fixture(scope="module")
def told(lake, registers):
    return content(lake, registers, THEN, "pagi")


def texts(told):
    return {one.id: one.text for one in (*told.opening, *told.performance, *told.outlook)}


def figure(told, id_):
    return next(one for one in told.figures if one.id == id_)


def test_the_brief_of_a_flood_morning_says_what_the_lake_holds(told):
    said = texts(told)
    assert said["status"].startswith(
        "Status Operasional Kota: Tinggi, naik sejak pukul 04.15 WIB karena 1 pos berperingatan"
    )
    assert said["genangan"] == (
        "Terdapat 2 RT tergenang di 2 kelurahan; terdalam 71–150 cm di RT 1 Kelurahan Gambir."
    )
    assert said["pompa"].startswith("10 dari 15 pompa dilaporkan aktif, 5 siap (idle)")
    assert said["bmkg-peringatan:Hujan Lebat"].endswith("berlaku sampai pukul 08.15 WIB.")
    assert "hujan sedang" in said["cuaca"]
    assert said["gelombang:depok"].startswith("Puncak gelombang dari Bendung Katulampa")
    assert told.status_level == 3
    assert told.simulated
    assert told.cut == CUT.astimezone(WIB)


def test_a_grave_alarm_that_nobody_knows_of_waits_for_a_decision(told):
    [decision] = told.decisions
    assert decision.issue.text == (
        "Belum ditandai diketahui sejak pukul 04.15 WIB: tinggi muka air P.A. Manggarai mencapai"
        " Siaga 2."
    )
    assert decision.owner == "Sekretaris Daerah"
    assert decision.options
    assert decision.due > told.cut
    assert texts(told)["keputusan"] == (
        "Yang perlu diputuskan Sekretaris Daerah sebelum pukul 06.45 WIB: penanganan 1 peringatan"
        " Siaga 2 – Siaga yang belum ditandai diketahui."
    )


def test_what_people_wrote_is_told_as_known_then(lake, tmp_path):
    registers = Registers.of(Store(f"sqlite:///{tmp_path}/store.sqlite"))
    alarm = next(
        row
        for row in queries.alarms_now(lake, THEN, "31")
        if row["alarm_id"] == "gate_level:manggarai"
    )
    registers.ledger.act(alarm, "acknowledge", role="operator", at=CUT - HOUR)
    registers.directives.give(
        "Bersihkan saringan rumah pompa di Pluit",
        giver="Gubernur",
        owner="Dinas SDA",
        due="2026-03-15",
        role="pimpinan",
        at=CUT - DAY,
    )
    registers.victims.enter(
        "31.71.01.1001",
        counted_at="2026-03-11T05:30",
        source="Pusdalops BPBD",
        counts={"evacuated": "120", "injured": "2"},
        role="operator",
        at=CUT - 30 * MINUTE,
    )
    told = content(lake, registers, THEN, "pagi")
    assert told.decisions == ()
    said = texts(told)
    assert said["keputusan-nihil"] == "Tidak ada keputusan yang menunggu."
    assert said["korban"] == (
        "Korban dan pengungsi menurut Pusdalops BPBD per pukul 05.30 WIB: 2 luka, 120 mengungsi."
    )
    first = told.attention[0]
    assert first.id == "gate_level:siaga2"
    assert first.what.text.startswith("Tinggi muka air P.A. Manggarai 855 cm (Siaga 2 – Siaga)")
    assert "naik 90 cm dalam 3 jam; puncak diperkirakan pukul" in first.what.text
    assert first.usual == "5 cm di atas ambang 850 cm; 6 jam lalu 665 cm"
    assert "diketahui operator pukul 05.15 WIB" in first.handler
    assert first.check == "pukul 06.30 WIB"
    assert [(one.state, one.text) for one in told.followed] == [
        ("berjalan", "Bersihkan saringan rumah pompa di Pluit")
    ]
    assert {"directives", "victims", "ledger"} <= {one.query for one in told.sources}
    assert breaches(told) == []
    earlier = AsOf(CUT - 2 * DAY, CUT - 2 * DAY, live=False)
    before = content(lake, registers, earlier, "pagi")
    assert before.followed == ()
    assert "korban" in {one.id for one in before.unknown}


def test_the_six_numbers_stand_beside_what_was_usual(told):
    assert [one.id for one in told.figures] == list(registry())
    values = {one.id: one.value for one in told.figures}
    assert values == {
        "pos-siaga": "2 dari 3",
        "wilayah-tergenang": "2",
        "pompa-aktif": "10 dari 15",
        "pengaduan-terlambat": "6",
        "waktu-tempuh": "+52",
        "udara-tidak-sehat": "1 dari 3",
    }
    pumps = figure(told, "pompa-aktif")
    assert [(one.text, one.outside) for one in pumps.comparisons] == [
        ("meningkat 5 pompa", True)
    ] * 3
    assert pumps.comparisons[1].against == "median Rabu empat pekan terakhir"
    assert pumps.trend == (5.0,) * 13 + (10.0,)
    overdue = figure(told, "pengaduan-terlambat")
    assert overdue.comparisons[0].text == "relatif tetap (+1 laporan)"
    assert overdue.comparisons[2].outside is None


def test_the_figures_agree_with_what_the_pages_show(lake, told):
    gates = [row for row in queries.gates_now(lake, THEN, "31") if row["siaga"]]
    assert figure(told, "pos-siaga").value.split()[0] == str(sum(row["siaga"] < 4 for row in gates))
    pumps = [row for row in queries.pumps_now(lake, THEN, "31") if row["running"] is not None]
    assert figure(told, "pompa-aktif").value.split()[0] == str(sum(row["running"] for row in pumps))
    assert figure(told, "wilayah-tergenang").value == str(
        len(queries.inundations_now(lake, THEN, "31"))
    )


def test_overdue_complaints_of_past_days_are_those_that_were_overdue_then(lake, registers):
    moments = [CUT - DAY * days for days in range(29)]
    rows = queries.brief_overdue(lake, THEN, moments)
    now = queries.complaints_backlog(lake, THEN, "31")["late"]
    newest = rows[-1]
    for row in rows[::7]:
        then = AsOf(row["moment"], CUT, live=False)
        late = now - row["open_change"] + newest["in_time"] - row["in_time"]
        assert late == queries.complaints_backlog(lake, then, "31")["late"]


def test_every_sentence_keeps_the_rules_and_stands_on_a_footnote(told):
    assert breaches(told) == []


def test_the_same_lake_and_moment_give_the_same_bytes(home, lake, registers, told):
    # The web reads what the schedule wrote, and cuts the present at its full minute.
    reader = Lake(lakes.settings(home), read_only=True)
    now = AsOf.now(CUT + timedelta(seconds=42))
    assert freeze(content(reader, registers, now, "pagi")) == freeze(told)
    reader.close()
    assert thaw(freeze(told)) == told
    assert freeze(thaw(freeze(told))) == freeze(told)


@contextmanager
def altered(lake, *changes):
    """Change rows of the lake, "<table> set <what>", and put the tables back afterwards."""
    tables = {change.partition(" ")[0] for change in changes}
    params = {"hour": CUT - 90 * MINUTE, "recent": CUT - 20 * MINUTE}
    with lake.write() as cursor:
        for table in tables:
            cursor.execute(f"create temp table kept_{table} as from {table}")
        for change in changes:
            wanted = {name: at for name, at in params.items() if f"${name}" in change}
            cursor.execute(f"update {change}", wanted)
    try:
        yield tables
    finally:
        with lake.write() as cursor:
            for table in tables:
                cursor.execute(f"delete from {table}")
                cursor.execute(f"insert into {table} from kept_{table}")
                cursor.execute(f"drop table kept_{table}")


def test_what_became_known_after_the_moment_is_not_told(lake, registers):
    late = "inundations set known_time = known_time + interval 2 hours where area_code = 'rt-2'"
    with altered(lake, late):
        told = content(lake, registers, THEN, "pagi")
        since = AsOf(CUT, CUT + 2 * HOUR, live=False)
        assert len(queries.inundations_now(lake, since, "31")) == 2
    assert figure(told, "wilayah-tergenang").value == "1"
    assert texts(told)["genangan"].startswith("Terdapat 1 RT tergenang di 1 kelurahan")


# Changes of single rows -> what of the brief changes with them, and nothing else.
CHANGES = [
    (
        "pump_states set running = 0 where pump_house_id = '1' and event_time > $recent",
        {"pompa", "pompa-aktif"},
        "weather_alerts set expires_at = expires_at + interval 1 hour where alert_id = 'cap-1'",
        {"bmkg-peringatan:Hujan Lebat"},
    ),
    (
        "inundations set ended = true where area_code = 'rt-2'",
        {"genangan", "wilayah-tergenang"},
        "air_measurements set ispu = 150 where station_id = 'DKI2' and event_time > $recent",
        {"udara-tidak-sehat"},
    ),
    (
        "corridor_hours set speed_kmh = 5 where corridor_id = 'K001' and event_time > $hour",
        {"waktu-tempuh"},
        "weather_forecasts set temperature_c = 40 where adm4 = '31.71.01.1001'"
        " and temperature_c = 27",
        {"cuaca"},
    ),
    (
        "water_levels set level_cm = 70 where station_id = 'katulampa' and event_time > $recent",
        {"pos-siaga", "gate_level:siaga3"},
        "complaint_versions set status = 'Proses' where complaint_id = 'JK001'"
        " and status = 'Selesai'",
        {"pengaduan-terlambat"},
    ),
]


@pytest.mark.parametrize(("one", "by_one", "other", "by_other"), CHANGES)
def test_a_changed_row_changes_exactly_what_depends_on_it(
    lake, registers, told, one, by_one, other, by_other
):
    with altered(lake, one, other) as tables:
        after = content(lake, registers, THEN, "pagi")
    assert set(changed(told, after)) == by_one | by_other
    before = {(source.query, source.asked, source.event_time): source for source in told.sources}
    for source in after.sources:
        same = source.sha256 == before[source.query, source.asked, source.event_time].sha256
        if source.query not in REGISTERS and not same:
            reads = queries.sql(source.query).split("-- reads", 1)[1].splitlines()[0]
            assert any(table in reads for table in tables), source.query
    assert breaches(after) == []


def test_what_rests_on_a_stale_feed_is_not_printed_but_said_to_be_unknown(lake, registers):
    ages = {"pantau_pumps": "57 minutes", "dsda_levels": "5 hours", "alarms": "2 hours"}
    silent = (
        f"feed_runs set known_time = known_time - interval {age!r},"
        f" event_time = event_time - interval {age!r} where feed = {name!r}"
        for name, age in ages.items()
    )
    with altered(lake, *silent):
        told = content(lake, registers, THEN, "pagi")
    missing = {one.id: one for one in told.unknown}
    assert missing["feed:pantau_pumps"].text == (
        "Tidak dapat dinilai: Rumah pompa terakhir diterima 59 menit lalu."
    )
    assert "angka pompa aktif" in missing["feed:pantau_pumps"].would_change
    assert missing["feed:alarms"].text.endswith("terakhir diterima 2 jam lalu.")
    assert {"status", "pompa", "gelombang:depok"}.isdisjoint(texts(told))
    assert told.status_level == 0
    assert told.decisions == told.attention == ()
    assert "keputusan-nihil" not in texts(told)
    assert told.no_decision == told.no_attention == NOT_JUDGED
    for name in ("pos-siaga", "pompa-aktif"):
        assert figure(told, name).state == "unknown"
        assert figure(told, name).value == ""
    assert figure(told, "wilayah-tergenang").value == "2"
    assert breaches(told) == []


def test_a_moment_without_data_is_a_brief_of_what_is_not_known(lake, registers):
    moment = CUT - 3650 * DAY
    told = content(lake, registers, AsOf(moment, moment, live=False), "situasi")
    assert told.no_decision == NOT_JUDGED
    assert told.opening == told.decisions == told.attention == told.performance == ()
    assert {one.state for one in told.figures} == {"unknown"}
    assert not told.simulated
    assert len(told.unknown) >= 8
    assert breaches(told) == []


def test_too_few_cases_are_said_to_be_too_few(told):
    missing = {one.id: one.text for one in told.unknown}
    assert missing["tepat-waktu-tanpa-banding"] == (
        "Belum cukup data: 17 dari paling sedikit 200 yang diperlukan."
    )


def test_a_footnote_says_what_was_asked_and_where_it_can_be_seen_again(told):
    for source in told.sources:
        assert source.sha256
        assert source.replay.startswith("/")
        assert "pada=20" in source.replay
        if source.query not in REGISTERS:
            assert queries.sql(source.query)
    boards = [one.replay for one in told.sources if one.query == "unit_scores"]
    assert boards == [
        f"/peringkat?tingkat=kecamatan&pada=2026-{day}T00:00&seperti=saat-itu"
        for day in ("03-11", "02-11")
    ]
    gates = next(one for one in told.sources if one.query == "gates_now")
    assert gates.replay == "/banjir?pada=2026-03-11T06:15&seperti=saat-itu"
    assert gates.feeds == ("dsda_levels",)
    assert gates.origin == "Instansi Tinggi muka air"
    assert gates.newest == CUT - 10 * MINUTE


def test_each_item_of_a_brief_has_an_id_of_its_own(told):
    blocks = (told.opening, told.performance, told.outlook, told.attention, told.figures)
    ids = [one.id for block in (*blocks, told.unknown, told.followed) for one in block]
    ids += [one.issue.id for one in told.decisions]
    assert len(ids) == len(set(ids)) == len(items_of(told))


def test_an_empty_lake_makes_a_brief_too(tmp_path, registers):
    lake = lakes.empty_lake(tmp_path)
    told = content(lake, registers, THEN, "sore")
    lake.close()
    assert told.opening == ()
    assert {one.state for one in told.figures} == {"unknown"}
    assert breaches(told) == []


def test_an_alarm_that_cannot_be_judged_is_no_calm(lake, registers):
    silent = (
        "alarms set state = 'unassessable' where subject_id = 'manggarai'",
        "alarms set state = 'cleared' where subject_id = 'katulampa'",
    )
    with altered(lake, *silent):
        told = content(lake, registers, THEN, "pagi")
    assert told.decisions == told.attention == ()
    assert told.no_decision == told.no_attention == NOT_JUDGED
    assert "keputusan-nihil" not in texts(told)
    assert any("P.A. Manggarai" in one.text for one in told.unknown)


def test_a_siaga_goes_before_other_alarms_however_many_live_there(lake, registers):
    other = "alarms set rule = 'pumps_down', severity = 'warning' where subject_id = 'manggarai'"
    with altered(lake, other):
        told = content(lake, registers, THEN, "pagi")
    assert [one.id for one in told.attention] == ["gate_level:siaga3", "pumps_down:warning"]
    assert breaches(told) == []


def test_an_alarm_whose_measure_is_back_within_its_bound_is_said_to_ease(lake, registers):
    easing = (
        "alarms set rule = 'gate_rise', severity = 'notice', title = 'Muka air naik cepat',"
        " value = 2, bound = 60, unit = 'cm/jam' where subject_id = 'manggarai'"
    )
    with altered(lake, easing):
        told = content(lake, registers, THEN, "pagi")
    [eased] = [one for one in told.attention if one.id == "gate_rise:notice"]
    assert eased.what.text == "Muka air naik cepat: mereda, kini 2 cm/jam."
    assert eased.usual == "ambang 60 cm/jam"


def test_a_gate_at_siaga_1_is_the_governors_to_decide_until_its_crest_arrives(lake, registers):
    grave = (
        "alarms set severity = 'siaga1', level = 3, owner = 'gubernur'"
        " where subject_id = 'katulampa'"
    )
    with altered(lake, grave):
        told = content(lake, registers, THEN, "pagi")
    first = told.decisions[0]
    assert first.issue.text == (
        "Pintu air dan evakuasi: peringatan Siaga 1 – Bahaya berlaku di Bendung Katulampa (82 cm,"
        " kini Siaga 3 – Waspada)."
    )
    assert first.owner == "Gubernur"
    assert first.due == CUT + 2 * HOUR
    assert first.options == (
        "Mulai evakuasi kelompok rentan di bantaran; buka tempat pengungsian.",
    )
    assert first.issue.notes == texts_notes(told)["keputusan"]
    assert breaches(told) == []


def texts_notes(told):
    return {one.id: one.notes for one in told.opening}
