"""The signals for inspectors find who was planted in the simulated city, and hardly any other."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from data import evidence, queries, reference, rollups
from data.append import Origin, append_trusted, arrow_table, with_kelurahan
from data.areas import default_shapes, kelurahan_locator
from data.asof import WIB, AsOf
from data.lake import Lake
from data.tables import TABLES
from etl.city import complaints, floods, traffic
from etl.city.complaint_lives import complaints_of
from etl.city.complaint_rows import truth
from etl.city.complaint_truth import cheaters, propensity
from etl.city.world import World
from etl.declare import replace_areas
from etl.feed import Context
from etl.feeds import waze_ccp
from etl.pictures import opened, perceptual_hash
from tests import lakes

SEED = 31
START, NOW = datetime(2025, 12, 1, tzinfo=WIB), datetime(2026, 3, 16, tzinfo=WIB)
PHOTOS_SINCE = NOW - timedelta(days=56)
# Jams of so many days, in the hours in which there are most.
JAMS_SINCE, JAM_HOURS = NOW - timedelta(days=16), (7, 8, 9, 16, 17, 18, 19)
# Two offices that the city does not plant: their complaints are closed just before a jam here.
HASTY = (
    "SUKU DINAS PERHUBUNGAN KOTA ADMINISTRASI JAKARTA BARAT",
    "SUKU DINAS PERHUBUNGAN KOTA ADMINISTRASI JAKARTA SELATAN",
)
# What each signal looks for is called otherwise where it is planted.
PLANTED = {"reporter": "spam", "contradiction": "contradicted"}
# Loaded history has no photos; those of the planted offices and of a few others are drawn.
OTHERS = ("31.71.01.1006",)


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Three months and a half of the simulated city, with what is true of its complaints."""
    lake = lakes.empty_lake(tmp_path_factory.mktemp("city"))
    world = World(SEED)
    replace_areas(lake, default_shapes())
    for module, name, feed in (
        (complaints, "complaint_versions", "crm_requests"),
        (complaints, "complaint_log", "crm_requests"),
        (floods, "inundations", "petabencana_floods"),
    ):
        load(lake, name, module.BULK[name](world, START, NOW), feed)
    for rollup in rollups.all_rollups():
        if rollup.name in ("complaint_stints", "complaint_incidents"):
            with lake.write() as cursor:
                rollups.make(cursor, rollup)
    known = truth(world, complaints_of(world, date(2025, 10, 1), NOW.date())).to_pylist()
    kinds = {row["complaint_id"]: row["kind"] for row in known}
    add_photos(lake, world)
    add_jams(lake, world)
    kinds |= dict.fromkeys(close_before_jams(lake), "jam")
    yield SimpleNamespace(lake=lake, world=world, kinds=kinds, findings={})
    lake.close()


def load(lake: Lake, name: str, batches: Any, feed: str) -> None:
    table = TABLES[name]
    origin = Origin(feed, "history", NOW, simulated=True, lag=timedelta(minutes=2))
    with lake.write() as cursor:
        for batch in batches:
            columns = {
                column: batch[column].combine_chunks().cast(pa.string())
                if pa.types.is_dictionary(batch[column].type)
                else batch[column].combine_chunks()
                for column in batch.column_names
            }
            whole, _ = arrow_table(table, columns)
            if table.located:
                whole = with_kelurahan(whole, kelurahan_locator(lake))
            append_trusted(cursor, table, whole, origin)


def add_photos(lake: Lake, world: World) -> None:
    """Store what the after-photos of some offices look like, as the collector would."""
    offices = [*cheaters(world)["photo"], *OTHERS]
    rows = lake.rows(
        "select complaint_id, max(resolved_at) as event_time from complaint_versions"
        " join agencies using (agency)"
        " where photo_after is not null and resolved_at > $since"
        " and list_contains($offices, area_code) group by complaint_id order by all",
        since=PHOTOS_SINCE,
        offices=offices,
    )
    for row in rows:
        name = f"{row['complaint_id']}-sesudah.jpg"
        body = complaints.photo(world, NOW, {"name": name}).body
        with opened(body, (1280, 1280)) as image:
            row |= {"phash": perceptual_hash(image), "which": "sesudah", "state": "stored"}
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    table = TABLES["complaint_photos"]
    with lake.write() as cursor:
        batch, _ = arrow_table(table, columns)
        append_trusted(cursor, table, batch, Origin("photos", "run", NOW, simulated=True))


def add_jams(lake: Lake, world: World) -> None:
    """Store what the feed of jams tells each half hour of the rush."""
    moments = [JAMS_SINCE + timedelta(minutes=30 * n) for n in range(768)]
    rows = [
        row
        for moment in moments
        if moment.astimezone(WIB).hour in JAM_HOURS
        for table, row in waze_ccp.parse(
            traffic.waze(world, moment, {}).body, Context(fetched_at=moment)
        )
        if table == "traffic_jams" and row["level"] >= 3
    ]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    with lake.write() as cursor:
        batch, _ = arrow_table(TABLES["traffic_jams"], columns)
        origin = Origin("waze_ccp", "run", NOW, simulated=True, lag=timedelta(0))
        append_trusted(cursor, TABLES["traffic_jams"], batch, origin)


def close_before_jams(lake: Lake) -> list[str]:
    """Let the hasty offices close what lies beside a later jam ten minutes before it."""
    with lake.write() as cursor:
        cursor.execute(
            """
            create temp table hasty as
            select complaint_id, min(jams.event_time) - interval 10 minutes as closed_at
            from complaint_versions as versions
            join traffic_jams as jams
                on abs(jams.lon - versions.lon) < 0.0016
                and abs(jams.lat - versions.lat) < 0.0016
                and jams.event_time between created_at + interval 1 hour
                    and created_at + interval 5 days
            where list_contains($offices, agency) and status = 'Selesai'
                and category in ('Arus Lalu Lintas', 'Parkir Liar')
            group by complaint_id
            having count(distinct versions.event_time) = 1
            """,
            {"offices": list(HASTY)},
        )
        cursor.execute(
            "delete from complaint_versions where status <> 'Selesai'"
            " and complaint_id in (select complaint_id from hasty)"
        )
        cursor.execute(
            "update complaint_versions set resolved_at = closed_at, event_time = closed_at,"
            " known_time = closed_at from hasty"
            " where complaint_versions.complaint_id = hasty.complaint_id"
        )
        return [row[0] for row in cursor.execute("select complaint_id from hasty").fetchall()]


def found(city: Any, code: str) -> list[evidence.Finding]:
    if code not in city.findings:
        signal = evidence.signals()[code]
        rows = queries.evidence(city.lake, AsOf.now(NOW), signal)
        city.findings[code] = evidence.findings(signal, rows)
    return city.findings[code]


def measured(city: Any, code: str) -> tuple[float, float]:
    """Return a signal's precision, of all planted complaints, and recall, of those it could see."""
    kind, some = PLANTED.get(code, code), pointed_out(city, code)
    planted = {complaint_id for complaint_id, one in city.kinds.items() if one == kind}
    return (
        evidence.score(some, planted)[0],
        evidence.score(some, planted & seen(city, code) - unseen(city, code))[1],
    )


def seen(city: Any, code: str) -> set[str]:
    """Return the complaints that ended when the signal looks for them."""
    signal = evidence.signals()[code]
    if code == "jam":
        return set(city.kinds)
    since, until = max(START, NOW - signal.window), NOW
    if code == "recomplaint":
        until -= timedelta(days=signal.limits["within_days"])
    if code == "photo":
        # A photo is told by an earlier one, which serves for a fortnight.
        rows = city.lake.rows(
            "select complaint_id from complaint_photos where event_time > $since",
            since=PHOTOS_SINCE + timedelta(days=15),
        )
    else:
        rows = city.lake.rows(
            "select complaint_id from complaint_log where status in ('Selesai', 'Ditolak')"
            " and event_time between $since and $until",
            since=since,
            until=until,
        )
    return {row["complaint_id"] for row in rows}


def unseen(city: Any, code: str) -> set[str]:
    """Return the complaints that came in before the lake begins: half of their story is missing."""
    rows = city.lake.rows(
        "select complaint_id from complaint_versions group by complaint_id"
        " having min(created_at) < $start",
        start=START,
    )
    return set() if code == "cutoff" else {row["complaint_id"] for row in rows}


def pointed_out(city: Any, code: str) -> set[str]:
    """Return the complaints that a signal points out: a reporter's are all that he sent."""
    some = found(city, code)
    if code != "reporter":
        return {complaint_id for one in some for complaint_id in one.complaint_ids}
    rejected = [one.complaint_ids[0] for one in some]
    rows = city.lake.rows(
        "select distinct complaint_id from complaint_versions"
        " where reporter_key in (select reporter_key from complaint_versions"
        " where list_contains($rejected, complaint_id))"
        " and status in ('Selesai', 'Ditolak') and created_at > $start",
        rejected=rejected,
        start=START,
    )
    return {row["complaint_id"] for row in rows}


@pytest.mark.parametrize("code", list(evidence.signals()))
def test_nine_in_ten_planted_cases_are_found_and_eight_in_ten_found_are_planted(city, code):
    precision, recall = measured(city, code)

    assert precision >= 0.8
    assert recall >= 0.9


@pytest.mark.parametrize("code", list(evidence.signals()))
def test_what_the_registry_says_was_measured_is_what_is_measured(city, code):
    signal = evidence.signals()[code]
    precision, recall = measured(city, code)

    assert precision == pytest.approx(signal.precision, abs=0.02)
    assert recall == pytest.approx(signal.recall, abs=0.02)


@pytest.mark.parametrize(
    ("code", "kind"),
    [("recomplaint", "recomplaint"), ("fast", "fast"), ("photo", "photo"), ("cutoff", "cutoff")],
)
def test_the_planted_offices_are_pointed_out_and_no_other(city, code, kind):
    assert offices(found(city, code)) == set(cheaters(city.world)[kind])


def test_the_offices_that_close_before_jams_are_pointed_out_and_no_other(city):
    assert {one.unit for one in found(city, "jam")} == set(HASTY)


def test_the_kelurahan_that_suffer_from_spam_are_named_with_their_reporters(city):
    kelurahan = {one.unit.split("/")[0] for one in found(city, "reporter")}

    assert kelurahan == set(cheaters(city.world)["spam"])


def offices(some: Collection[evidence.Finding]) -> set[str]:
    codes = {row["agency"]: row["area_code"] for row in reference.rows("agencies")}
    return {codes[one.unit] for one in some}


def test_the_key_of_a_reporter_stays_on_the_server(city):
    signal = evidence.signals()["reporter"]
    rows = queries.evidence(city.lake, AsOf.now(NOW), signal)

    assert rows
    assert "simulasi-" not in repr(rows)
    assert all("reporter_key" not in row for row in rows)


@pytest.mark.parametrize("code", ["contradiction", "jam"])
def test_a_closing_that_no_other_feed_could_tell_of_is_not_judged(city, code):
    signal = evidence.signals()[code]
    rows = queries.evidence(city.lake, AsOf.now(NOW), signal)

    assert sum(row["untested"] for row in rows) > sum(row["n"] for row in rows) > 0


def test_what_became_known_later_is_not_evidence_at_the_moment(city):
    early = AsOf(NOW, NOW - timedelta(days=60), live=False)
    signal = evidence.signals()["fast"]
    now = {row["unit"]: row["n"] for row in queries.evidence(city.lake, AsOf.now(NOW), signal)}
    then = {row["unit"]: row["n"] for row in queries.evidence(city.lake, early, signal)}

    assert sum(then.values()) < sum(now.values())


def test_cases_are_told_with_what_their_photos_say(city):
    [first, *_] = found(city, "photo")
    wanted = [first.complaint_ids[0], first.against[0], "tidak ada"]
    cases = queries.evidence_cases(
        city.lake, AsOf.now(NOW), wanted, since=NOW - timedelta(days=400)
    )

    assert set(cases) == set(wanted[:2])
    assert {row["after_state"] for row in cases.values()} == {"stored"}
    assert {row["agency"] for row in cases.values()} == {first.unit}


def test_districts_that_report_three_times_as_much_show_it_in_their_duplicates(city):
    rows = queries.duplicates_by_area(city.lake, AsOf.now(NOW), since=START)
    rates = {True: [0, 0.0], False: [0, 0.0]}
    planted_rate = propensity(city.world)
    usual = min(planted_rate.values())
    for row in rows:
        side = rates[planted_rate[row["kelurahan_code"]] > 2 * usual]
        side[0] += row["duplicates"]
        side[1] += row["hours"]

    eager, others = (rates[key][0] / rates[key][1] for key in (True, False))
    assert eager / others == pytest.approx(3, rel=0.2)
