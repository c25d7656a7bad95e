import csv
import io
import itertools
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely
from PIL import Image
from werkzeug.exceptions import BadRequest, NotFound

from etl.city import complaints as crm
from etl.city.complaint_city import city_of, day_number
from etl.city.complaint_lives import (
    CLOSED,
    CLOSED_AGAIN,
    FORWARD,
    INTAKE,
    NEVER,
    complaints_of,
)
from etl.city.complaint_rows import labels
from etl.city.complaint_years import plan_of
from etl.city.world import WIB, World

ROOT = Path(__file__).parents[2]
BORDERS = ROOT.parent / "shared/history/boundaries/jakarta_kelurahan_267.geojson"
ANCHOR = datetime(2026, 2, 18, 12, tzinfo=UTC)
WORLD = World(anchor=ANCHOR)
PERSONAL = re.compile(r"\d{7}|\d{4}-\d{4}|UJI|Contoh|Warga Uji")


def year_of(year):
    return complaints_of(WORLD, date(year, 1, 1), date(year, 12, 31))


@pytest.fixture(scope="module")
def complaints_2020():
    return year_of(2020)


@pytest.fixture(scope="module")
def complaints_2024():
    return year_of(2024)


def published(period, dimension):
    with (ROOT / "data/reference/complaint_published_totals.csv").open(encoding="utf-8") as file:
        return {
            row["value"]: int(row["reports"])
            for row in csv.DictReader(file)
            if row["period"] == period and row["dimension"] == dimension and row["reports"]
        }


def categories_of(some):
    written = labels(WORLD.seed, some.day, some.category, raw=False).to_pylist()
    names, counts = np.unique(written, return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def finished(some):
    return (some.steps[:, CLOSED] < NEVER) & ~some.rejected


def hours_to_finish(some):
    ends = np.where(some.steps[:, CLOSED_AGAIN] < NEVER, some.steps[:, CLOSED_AGAIN],
                    some.steps[:, CLOSED])  # fmt: skip
    done = finished(some)
    return (ends[done] - some.steps[done, INTAKE]) / 3600


def asked(world=WORLD, now=ANCHOR, **args):
    return json.loads(crm.requests(world, now, args).body)


def rows_of(tables):
    return pa.concat_tables(list(tables)).to_pylist()


@pytest.mark.parametrize(
    ("year", "total", "done"),
    [(2020, 137_776, 137_574), (2021, 134_814, 131_309), (2024, 185_852, 179_932)],
)
def test_a_published_year_has_its_reports_and_finished_reports(year, total, done):
    some = year_of(year)
    assert (len(some.day), int(finished(some).sum())) == (total, done)


def test_2022_and_the_published_months_have_their_reports():
    assert plan_of(WORLD.seed, 2022).counts.sum() == 122_183
    assert plan_of(WORLD.seed, 2021).counts[59:90].sum() == 13_312
    january = plan_of(WORLD.seed, 2023)
    assert january.counts[:31].sum() == 14_233
    assert january.unfinished[:31].sum() == 14_233 - 13_671


def test_the_peak_of_2024_is_800_on_14_may():
    counts = plan_of(WORLD.seed, 2024).counts
    assert int(counts.argmax()) == (date(2024, 5, 14) - date(2024, 1, 1)).days
    assert counts.max() == 800


def test_the_largest_categories_of_2020_are_as_published(complaints_2020):
    told, found = published("2020", "category"), categories_of(complaints_2020)
    assert set(sorted(found, key=found.get)[-5:]) == set(told)
    assert {name: found[name] for name in told} == pytest.approx(told, rel=0.01)


def test_the_largest_channels_of_2020_are_as_published(complaints_2020):
    told = published("2020", "channel")
    channels = city_of(WORLD.seed).channels
    found = np.bincount(complaints_2020.channel, minlength=len(channels))
    counts = {name: int(found[channels.index(name)]) for name in told}
    assert counts == pytest.approx(told, rel=0.01)


def test_the_largest_categories_of_2024_are_as_published(complaints_2024):
    told, found = published("2024", "category"), categories_of(complaints_2024)
    assert {name: found[name] for name in told} == pytest.approx(told, rel=0.01)


def test_the_categories_of_january_2023_are_as_published():
    told = published("2023-01", "category")
    told["Fasilitas Sosial/Fasilitas Umum (Fasos/Fasum)"] = told.pop("Fasos/Fasum")
    found = categories_of(complaints_of(WORLD, date(2023, 1, 1), date(2023, 1, 31)))
    assert {name: found[name] for name in told} == pytest.approx(told, rel=0.02)


def test_finishing_took_40_hours_on_average_in_2020_and_4_days_in_2024(
    complaints_2020, complaints_2024
):
    assert hours_to_finish(complaints_2020).mean() == pytest.approx(40.22, rel=0.03)
    assert hours_to_finish(complaints_2024).mean() == pytest.approx(96, rel=0.03)


def test_finishing_times_have_a_long_tail(complaints_2024):
    hours = hours_to_finish(complaints_2024)
    assert np.median(hours) < hours.mean() / 3
    assert np.quantile(hours, 0.99) > 8 * hours.mean()


def test_reports_come_by_day_and_on_working_days(complaints_2024):
    local = complaints_2024.steps[:, INTAKE] + 7 * 3600
    hours = np.bincount(local // 3600 % 24, minlength=24)
    assert hours[9] > 8 * hours[3]
    weekdays = np.bincount((local // 86_400 + 3) % 7, minlength=7)
    assert weekdays[:5].min() > weekdays[5:].max()


def test_wet_days_bring_more_flood_reports(complaints_2024):
    flood = complaints_2024.category == city_of(WORLD.seed).category_of["Penanganan Banjir"]
    day = complaints_2024.day - day_number(date(2024, 1, 1))
    share = np.bincount(day[flood], minlength=366) / np.bincount(day, minlength=366)
    noons = np.datetime64("2024-01-01T11", "s") + np.arange(366) * np.timedelta64(86_400, "s")
    wet = WORLD.wetness(noons)
    assert share[wet > 0.05].mean() > 2 * share[wet < 0.001].mean()


def test_kelurahan_differ_in_reports_and_in_how_soon_they_hand_on(complaints_2024):
    counts = np.bincount(complaints_2024.kelurahan, minlength=267)
    assert counts.min() > 0
    assert np.quantile(counts, 0.9) > 3 * np.quantile(counts, 0.1)
    handed_on = complaints_2024.steps[:, FORWARD] < NEVER
    wait = (complaints_2024.steps[:, FORWARD] - complaints_2024.steps[:, INTAKE])[handed_on]
    kelurahan = complaints_2024.kelurahan[handed_on]
    mean = np.bincount(kelurahan, wait, 267) / np.bincount(kelurahan, minlength=267)
    assert np.quantile(mean, 0.9) > 1.5 * np.quantile(mean, 0.1)


def test_agencies_differ_in_speed(complaints_2024):
    done = finished(complaints_2024)
    agency = complaints_2024.holders[done, -1]
    counts = np.bincount(agency)
    mean = np.bincount(agency, hours_to_finish(complaints_2024)) / np.maximum(counts, 1)
    busy = mean[counts > 2000]
    assert np.quantile(busy, 0.9) > 1.5 * np.quantile(busy, 0.1)


def test_steps_follow_each_other(complaints_2024):
    steps = np.where(complaints_2024.steps == NEVER, 0, complaints_2024.steps)
    latest = np.maximum.accumulate(steps, axis=1)[:, :-1]
    assert ((steps[:, 1:] == 0) | (steps[:, 1:] > latest)).all()


def test_points_lie_in_the_city(complaints_2024):
    if not BORDERS.exists():
        pytest.skip("needs ../shared/history/boundaries")
    features = json.loads(BORDERS.read_text())["features"]
    borders = shapely.union_all([shapely.geometry.shape(f["geometry"]) for f in features])
    shapely.prepare(borders)
    inside = shapely.contains_xy(borders, complaints_2024.lon[::20], complaints_2024.lat[::20])
    assert inside.mean() > 0.95


def test_the_same_day_is_drawn_alone_and_among_others():
    alone = complaints_of(WORLD, date(2025, 12, 31), date(2025, 12, 31))
    among = complaints_of(WORLD, date(2025, 12, 20), date(2026, 1, 5))
    mine = among.day == day_number(date(2025, 12, 31))
    assert (among.steps[mine] == alone.steps).all()
    assert (among.lon[mine] == alone.lon).all()
    assert alone.sequence.tolist() == list(range(1, len(alone.day) + 1))


def test_another_seed_is_another_city():
    other = complaints_of(World(seed=32), date(2025, 3, 1), date(2025, 3, 1))
    mine = complaints_of(WORLD, date(2025, 3, 1), date(2025, 3, 1))
    assert other.steps[:100].tolist() != mine.steps[:100].tolist()


def test_a_flood_night_adds_reports_and_leaves_those_before_it_alone():
    night = World(scenario="malam-banjir", anchor=ANCHOR)
    day = ANCHOR.astimezone(WIB).date()
    flooded, calm = (complaints_of(w, day, day) for w in (night, WORLD))
    before = int((calm.steps[:, INTAKE] < ANCHOR.timestamp() - 4 * 3600).sum())
    assert len(flooded.day) > 2 * len(calm.day)
    begins = int(ANCHOR.timestamp()) - 4 * 3600
    until_then = [np.minimum(some.steps[:before], begins) for some in (flooded, calm)]
    assert (until_then[0] == until_then[1]).all()
    later = complaints_of(night, day + timedelta(days=10), day + timedelta(days=10))
    usual = complaints_of(WORLD, day + timedelta(days=10), day + timedelta(days=10))
    assert (later.steps == usual.steps).all()


def test_bulk_rows_are_in_time_order_and_within_their_span():
    start, end = datetime(2025, 5, 27, tzinfo=UTC), datetime(2025, 6, 3, tzinfo=UTC)
    for bulk in crm.BULK.values():
        times = [row["event_time"] for row in rows_of(bulk(WORLD, start, end))]
        assert times == sorted(times)
        assert start <= times[0] < times[-1] < end


def test_the_log_of_two_spans_is_the_log_of_both():
    start, middle, end = (datetime(2025, 5, day, 3, tzinfo=UTC) for day in (1, 9, 20))
    whole = rows_of(crm.bulk_log(WORLD, start, end))
    halves = rows_of(
        itertools.chain(crm.bulk_log(WORLD, start, middle), crm.bulk_log(WORLD, middle, end))
    )
    assert halves == whole


def test_bulk_holds_intake_and_latest_version_of_each_complaint():
    start, end = datetime(2025, 5, 1, tzinfo=UTC), datetime(2025, 5, 20, tzinfo=UTC)
    rows = [r for r in rows_of(crm.bulk_versions(WORLD, start, end)) if r["created_at"] >= start]
    versions = {}
    for row in rows:
        versions.setdefault(row["complaint_id"], []).append(row["status"])
    assert all(found[0] == "Menunggu" and len(found) <= 2 for found in versions.values())
    assert sum(len(found) == 2 for found in versions.values()) > 0.95 * len(versions)


def test_a_span_without_complaints_is_an_empty_table():
    start, end = datetime(2010, 1, 1, tzinfo=UTC), datetime(2010, 1, 2, tzinfo=UTC)
    full = next(crm.bulk_versions(WORLD, ANCHOR, ANCHOR + timedelta(hours=1)))
    empty = next(crm.bulk_versions(WORLD, start, end))
    assert (empty.num_rows, empty.schema) == (0, full.schema)


def test_only_jaki_and_qlue_tell_a_position():
    span = datetime(2020, 3, 1, tzinfo=UTC), datetime(2020, 3, 5, tzinfo=UTC)
    rows = rows_of(crm.bulk_versions(WORLD, *span))
    assert {row["channel"] for row in rows if row["lon"] is not None} == {"JAKI", "Qlue"}
    assert all((row["lat"] is not None) == row["geotagged"] for row in rows)


def test_bulk_rows_hold_no_persons():
    start = ANCHOR - timedelta(days=1)
    for row in rows_of(crm.bulk_versions(WORLD, start, ANCHOR + timedelta(days=1))):
        assert not PERSONAL.search(row["text_redacted"] + row["address_public"])


def test_recent_live_requests_hold_persons_now_and_then():
    recent = asked(start_date=(ANCHOR - timedelta(hours=23)).isoformat(), page_size="1000")
    texts = [row["description"] + row["address"] for row in recent]
    personal = sum(bool(PERSONAL.search(text)) for text in texts)
    assert 0 < personal < 0.2 * len(texts)
    assert all(row["extended_attributes"]["reporter"]["name"] for row in recent)


def test_a_live_request_says_what_the_bulk_row_says():
    now = ANCHOR - timedelta(days=30)
    start = now - timedelta(hours=12)
    live = asked(now=now, updated_after=start.isoformat(), page_size="1000")
    bulk = rows_of(crm.bulk_versions(WORLD, start, now + timedelta(seconds=1)))
    latest = {row["complaint_id"]: row for row in bulk if row["event_time"] > start}
    assert {row["service_request_id"] for row in live} == set(latest)
    moment = datetime.fromisoformat
    for row in live:
        extended, known = row["extended_attributes"], latest[row["service_request_id"]]
        assert row["service_name"].strip() == known["category"]
        assert (row["lat"], row["long"]) == (known["lat"], known["lon"])
        assert row["description"] == known["text_redacted"]
        assert row["address"] == known["address_public"]
        assert row["agency_responsible"] == known["agency"]
        assert moment(row["updated_datetime"]) == known["event_time"]
        assert moment(row["requested_datetime"]) == known["created_at"]
        assert moment(row["expected_datetime"]) == known["due_at"]
        assert extended["status_label"] == known["status"]
        assert extended["channel"] == known["channel"]
        assert extended["log"][-1] == {
            "datetime": row["updated_datetime"],
            "status_label": known["status"],
            "agency": known["agency"],
        }


def test_a_later_answer_goes_on_where_an_earlier_one_stopped():
    now = ANCHOR - timedelta(days=3)
    request = asked(now=now, updated_after=(now - timedelta(hours=2)).isoformat())[0]
    number = request["service_request_id"]
    later = asked(service_request_id=number)[0]
    before = request["extended_attributes"]["log"]
    assert later["extended_attributes"]["log"][: len(before)] == before


def test_paging_gives_each_request_once():
    since = (ANCHOR - timedelta(hours=9)).isoformat()
    whole = asked(updated_after=since, page_size="1000")
    pages = []
    for page in itertools.count(1):
        found = asked(updated_after=since, page_size="150", page=str(page))
        pages += found
        if len(found) < 150:
            break
    assert pages == whole
    assert len({row["service_request_id"] for row in whole}) == len(whole)


def test_open_and_closed_share_the_requests():
    span = {"start_date": (ANCHOR - timedelta(days=1)).isoformat(), "page_size": "1000"}
    parts = [asked(status=status, **span) for status in ("open", "closed")]
    assert len(parts[0]) + len(parts[1]) == len(asked(**span))
    assert {row["status"] for row in parts[0]} == {"open"}


def test_requests_are_found_by_service_code():
    codes = [row["service_code"] for row in json.loads(crm.services(WORLD, ANCHOR, {}).body)]
    found = asked(service_code=codes[0], page_size="10")
    assert {row["service_code"] for row in found} == {codes[0]}
    assert asked(service_code="K99") == []


def test_labels_drift_and_end_in_blanks_as_the_sources_do():
    december, june = (
        {row["service_name"] for row in asked(now=at, updated_after=since, page_size="1000")}
        for at, since in (
            (datetime(2022, 12, 9, tzinfo=UTC), "2022-12-08T00:00:00Z"),
            (datetime(2023, 6, 9, tzinfo=UTC), "2023-06-08T00:00:00Z"),
        )
    )
    assert {"Gangguan Ketenteraman dan Ketertiban", "Sampah "} <= december
    assert "Gangguan dan Kebisingan  " in june


@pytest.mark.parametrize(
    "args",
    [
        {"page": "two"},
        {"updated_after": "yesterday"},
        {"updated_after": "2019-01-01T00:00:00Z"},
        {"service_request_id": "JK99"},
    ],
)
def test_a_question_that_makes_no_sense_is_refused(args):
    with pytest.raises(BadRequest):
        asked(**args)


def test_the_public_dashboard_maps_the_complaints_of_a_day():
    day = "2025-08-14"
    found = json.loads(crm.distribution_map(WORLD, ANCHOR, {"dateStart": day, "dateEnd": day}).body)
    counts = plan_of(WORLD.seed, 2025).counts
    assert len(found) == counts[(date(2025, 8, 14) - date(2025, 1, 1)).days]
    one = next(row for row in found if row["lat"] is not None)
    assert one["code"].startswith("JK250814")
    assert -7 < float(one["lat"]) < -5
    found = json.loads(crm.detail(WORLD, ANCHOR, {"id": str(one["id"])}).body)
    assert found["code"] == one["code"]
    assert found["village"]["district"]["city"]["province"]["name"] == "DKI JAKARTA"


@pytest.mark.parametrize("number", ["0", "999999999999", "209990001"])
def test_an_unknown_complaint_has_no_detail(number):
    with pytest.raises(NotFound):
        crm.detail(WORLD, ANCHOR, {"id": number})


def test_a_photo_shows_the_problem_and_later_the_place_without_it():
    request = next(
        row
        for row in asked(now=ANCHOR, updated_after=(ANCHOR - timedelta(hours=6)).isoformat())
        if row["extended_attributes"]["follow_up_media_url"]
    )
    urls = request["media_url"], request["extended_attributes"]["follow_up_media_url"]
    names = [url.removeprefix("/crm/photos/") for url in urls]
    before, after = (crm.photo(WORLD, ANCHOR, {"name": name}).body for name in names)
    assert before != after
    assert Image.open(io.BytesIO(before)).size == Image.open(io.BytesIO(after)).size
    with pytest.raises(NotFound):
        crm.photo(WORLD, datetime.fromisoformat(request["requested_datetime"]), {"name": names[1]})


@pytest.mark.parametrize("name", ["JK2602189999-sebelum.jpg", "JK2602180001-kapan.jpg"])
def test_there_is_no_unknown_photo(name):
    with pytest.raises(NotFound):
        crm.photo(WORLD, ANCHOR, {"name": name})
