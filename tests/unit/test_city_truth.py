import io
from datetime import UTC, date, datetime, timedelta

import imagehash
import numpy as np
import pyarrow as pa
import pytest
from PIL import ExifTags, Image
from scipy.spatial import cKDTree

from etl.city import complaints as crm
from etl.city import floods
from etl.city.complaint_city import city_of
from etl.city.complaint_lives import (
    CLOSED,
    CLOSED_AGAIN,
    DISPOSITION,
    FORWARD,
    HANDOVER,
    INTAKE,
    NEVER,
    complaints_of,
)
from etl.city.complaint_rows import truth
from etl.city.complaint_truth import (
    Kind,
    cheaters,
    on_time_shares,
    propensity,
    slowness,
    truth_of,
)
from etl.city.complaint_years import plan_of
from etl.city.world import WIB, World

ANCHOR = datetime(2026, 2, 18, 12, tzinfo=UTC)
WORLD = World(anchor=ANCHOR)
CITY = city_of(WORLD.seed)
TRUTH = truth_of(WORLD.seed)
FLOOD = CITY.category_of["Penanganan Banjir"]
METRES = np.array([110_100.0, 110_570.0])


@pytest.fixture(scope="module")
def year():
    return complaints_of(WORLD, date(2025, 1, 1), date(2025, 12, 31))


def created(some):
    return some.steps[:, INTAKE]


def ended(some):
    again = some.steps[:, CLOSED_AGAIN]
    return np.where(again < NEVER, again, some.steps[:, CLOSED])


def closed(some):
    return some.steps[:, CLOSED] < NEVER


def taken(some):
    """Return when whoever finishes a complaint got it."""
    steps = np.where(some.steps < NEVER, some.steps, 0)
    return steps[:, [INTAKE, FORWARD, HANDOVER, DISPOSITION]].max(axis=1)


def firsts(some):
    order = np.argsort(some.dice)
    return order[np.searchsorted(some.dice, some.incident, sorter=order)]


def points(some):
    return np.stack([some.lon, some.lat], axis=1) * METRES


def planted(kind):
    return np.flatnonzero(TRUTH.kind == kind)


def mine(some):
    """Return which complaints the office of their kelurahan finishes."""
    return some.holders[:, -1] == CITY.office[some.kelurahan]


def reported_again(some):
    """Return which complaints are reported again within 14 days of closing and 50 m."""
    found = np.zeros(len(some.day), bool)
    apart = CITY.geotagged[some.channel] & (some.incident == some.dice)
    place = points(some)
    for category in np.unique(some.category):
        index = np.flatnonzero(apart & (some.category == category))
        pairs = index[cKDTree(place[index]).query_pairs(50, output_type="ndarray")]
        pairs = np.concatenate([pairs, pairs[:, ::-1]])
        wait = created(some)[pairs[:, 1]] - some.steps[pairs[:, 0], CLOSED]
        found[pairs[(wait > 0) & (wait < 14 * 86_400), 0]] = True
    return found


@pytest.mark.parametrize("year_number", [2018, 2020, 2024])
def test_what_is_planted_leaves_the_counts_of_each_day(year_number):
    some = complaints_of(WORLD, date(year_number, 1, 1), date(year_number, 12, 31))
    plan = plan_of(WORLD.seed, year_number)
    assert (np.bincount(some.day - plan.first) == plan.counts).all()
    never = (some.steps[:, CLOSED] == NEVER) | some.rejected
    assert (np.bincount((some.day - plan.first)[never], minlength=len(plan.counts))
            == plan.unfinished).all()  # fmt: skip
    assert (some.incident != some.dice).mean() > 0.08
    assert set(np.unique(some.kind)) == set(Kind)


def test_no_kelurahan_cheats_in_two_ways_and_none_in_the_islands():
    offices = cheaters(WORLD)
    codes = [code for some in offices.values() for code in some]
    assert sorted(offices) == sorted(kind.name.lower() for kind in Kind if kind)
    assert len(codes) == len(set(codes)) == 28
    assert not any(code.startswith("31.01") for code in codes)


def test_another_seed_plants_elsewhere():
    assert cheaters(World(seed=32)) != cheaters(WORLD)


def test_a_complaint_does_not_depend_on_the_days_drawn_with_it(year):
    day = date(2025, 11, 30)
    alone = complaints_of(WORLD, day, day)
    among = year.day == alone.day[0]
    assert (year.steps[among] == alone.steps).all()
    assert (year.kind[among] == alone.kind).all()
    assert (year.incident[among] == alone.incident).all()
    assert (year.lon[among] == alone.lon).all()


def test_truth_names_the_first_report_of_each_incident(year):
    table = truth(WORLD, year)
    ids, incidents = table["complaint_id"].to_pylist(), table["incident_id"].to_pylist()
    first = firsts(year)
    assert incidents == [ids[i] for i in first.tolist()]
    assert (first[first] == first).all()
    assert set(table["kind"].unique().to_pylist()) == {kind.name.lower() for kind in Kind}


def test_duplicates_are_other_peoples_reports_of_the_same_within_3_hours_and_25_m(year):
    copies = np.flatnonzero(year.incident != year.dice)
    first = firsts(year)[copies]
    wait = created(year)[copies] - created(year)[first]
    assert wait.min() >= 0
    assert wait.max() <= 3 * 3600
    apart = points(year)[copies] - points(year)[first]
    assert np.hypot(*apart.T).max() < 25
    for same in (year.day, year.category, year.kelurahan):
        assert (same[copies] == same[first]).all()
    assert (year.holders[copies, -1] == year.holders[first, -1]).mean() > 0.999
    assert (year.reporter[copies] != year.reporter[first]).all()


def test_duplicates_are_finished_with_the_first_report(year):
    copies = np.flatnonzero((year.incident != year.dice) & closed(year))
    first = firsts(year)[copies]
    late = ended(year)[copies] - ended(year)[first]
    assert ((late > 0) & (late < 21 * 60)).mean() > 0.9


def test_four_districts_report_threefold(year):
    rate = np.array(list(propensity(WORLD).values()))
    assert sorted(set(rate)) == [0.03, 0.09]
    assert len({code[:8] for code, r in propensity(WORLD).items() if r > 0.05}) == 4
    first = year.incident == year.dice
    found = [
        (~first & (rate[year.kelurahan] == r)).sum() / (first & (rate[year.kelurahan] == r)).sum()
        for r in (0.03, 0.09)
    ]
    assert found[0] / 3 == pytest.approx(0.03, rel=0.1)
    assert found[1] / found[0] == pytest.approx(3, rel=0.1)


def test_few_reports_lie_by_chance_within_3_hours_and_50_m(year):
    geotagged = np.flatnonzero(CITY.geotagged[year.channel])
    pairs = geotagged[cKDTree(points(year)[geotagged]).query_pairs(50, output_type="ndarray")]
    left, right = pairs.T
    near = (year.category[left] == year.category[right]) & (
        np.abs(created(year)[left] - created(year)[right]) <= 3 * 3600
    )
    same = year.incident[left] == year.incident[right]
    assert same[near].mean() > 0.97


def test_fast_closings_take_seconds_and_honest_ones_ten_minutes_at_least(year):
    stay = (year.steps[:, CLOSED] - taken(year))[closed(year)]
    kind = year.kind[closed(year)]
    fast = stay[kind == Kind.FAST]
    assert (fast.min() >= 20) & (fast.max() <= 300)
    assert stay[kind != Kind.FAST].min() > 600
    own = mine(year) & np.isin(year.kelurahan, planted(Kind.FAST))
    assert 0.2 < (year.kind[own] == Kind.FAST).mean() < 0.5


def test_fast_closings_fill_whole_days(year):
    fast = year.kind == Kind.FAST
    hour = (created(year) + 7 * 3600) % 86_400 / 3600
    by_app = CITY.geotagged[year.channel] & (year.category != FLOOD)
    concerned = mine(year) & by_app & (hour >= 7) & (hour < 21)
    days = {pair for pair in zip(year.kelurahan[fast], year.day[fast], strict=True)}
    there = [pair in days for pair in zip(year.kelurahan, year.day, strict=True)]
    assert fast[concerned & there].all()


def test_what_is_closed_with_nothing_done_is_reported_again(year):
    again = reported_again(year)
    fake = (year.kind == Kind.RECOMPLAINT) & (ended(year) < created(year).max() - 14 * 86_400)
    assert fake.sum() > 200
    assert again[fake].all()
    honest = (year.kind == Kind.HONEST) & closed(year) & CITY.geotagged[year.channel]
    assert again[honest].mean() < 0.04


def test_recomplaints_tell_the_planted_offices_from_all_others(year):
    again, own = reported_again(year), mine(year) & closed(year)
    share = np.bincount(year.kelurahan[own], again[own], 267) / np.maximum(
        np.bincount(year.kelurahan[own], minlength=267), 1
    )
    guilty = planted(Kind.RECOMPLAINT)
    assert share[guilty].min() > 2 * np.delete(share, guilty).max()


def test_cut_off_offices_close_in_a_row_before_the_month_ends(year):
    row = year.kind == Kind.CUTOFF
    local = (ended(year)[row] + 7 * 3600).astype("datetime64[s]")
    month = local.astype("datetime64[M]") + 1
    left = (month.astype("datetime64[s]") - local).astype(int)
    assert (left.min() > 0) & (left.max() <= 1200)
    rows = {}
    for key, moment in zip(zip(year.kelurahan[row], month, strict=True), left, strict=True):
        rows.setdefault(key, []).append(moment)
    assert max(max(row) - min(row) for row in rows.values()) <= 150
    assert np.median([len(row) for row in rows.values()]) > 8


def test_other_offices_close_one_or_two_in_the_last_minutes_of_a_month(year):
    local = (ended(year) + 7 * 3600)[closed(year)]
    local = np.where(year.kind[closed(year)] == Kind.CUTOFF, 0, local).astype("datetime64[s]")
    left = (local.astype("datetime64[M]") + 1).astype("datetime64[s]") - local
    late = left.astype(int) <= 1200
    assert late.sum() > 0
    holders, months = year.holders[closed(year), -1][late], local[late].astype("datetime64[M]")
    _, counts = np.unique(np.stack([holders, months.astype(int)]), axis=1, return_counts=True)
    assert counts.max() <= 3


def test_spam_comes_from_two_or_three_and_is_mostly_rejected(year):
    spam = year.kind == Kind.SPAM
    assert set(year.kelurahan[spam]) == set(planted(Kind.SPAM))
    assert year.rejected[spam].mean() > 0.6
    assert year.rejected[~spam].mean() < 0.01
    for kelurahan in planted(Kind.SPAM):
        senders = year.reporter[spam & (year.kelurahan == kelurahan)]
        assert len(set(senders)) in (2, 3)
        assert not np.isin(year.reporter[~spam], senders).any()


def inundated(world, some, index, until):
    """Return of which complaints an RW within 250 m was inundated, by the feed, when they ended."""
    span = (datetime(2024, 12, 25, tzinfo=UTC), until)
    rows = pa.concat_tables(floods.inundations(world, *span)).to_pylist()
    states = {}
    for row in rows:
        states.setdefault((row["lon"], row["lat"]), []).append(
            (row["event_time"].timestamp(), row["state"] is not None)
        )
    result = np.zeros(len(index), bool)
    for place, changes in states.items():
        times, wet = (np.array(part) for part in zip(*changes, strict=True))
        apart = points(some)[index] - np.array(place) * METRES
        for step in (CLOSED, CLOSED_AGAIN):
            at = np.searchsorted(times, some.steps[index, step], "right") - 1
            standing = (at >= 0) & wet[at] & (some.steps[index, step] < NEVER)
            result |= standing & (np.hypot(*apart.T) < 250)
    return result


def test_floods_are_closed_while_the_water_stands_by_planted_offices_only(year):
    flood = np.flatnonzero((year.category == FLOOD) & closed(year) & ~year.rejected)
    wet = inundated(WORLD, year, flood, datetime(2026, 1, 1, tzinfo=UTC))
    fake = year.kind[flood] == Kind.CONTRADICTED
    assert fake.sum() >= 30
    assert wet[fake].mean() > 0.95
    assert wet[~fake].mean() < 0.002
    assert set(year.kelurahan[flood][fake]) <= set(planted(Kind.CONTRADICTED))


def test_a_flood_night_shows_who_closes_on_the_water():
    night = World(scenario="malam-banjir", anchor=ANCHOR)
    some = complaints_of(night, date(2026, 2, 18), date(2026, 2, 19))
    flood = np.flatnonzero((some.category == FLOOD) & closed(some) & ~some.rejected)
    wet = inundated(night, some, flood, ANCHOR + timedelta(days=14))
    fake = some.kind[flood] == Kind.CONTRADICTED
    assert fake.sum() > 50
    assert wet[fake].mean() > 0.95
    assert fake[wet].mean() > 0.9


def test_misrouted_reports_are_as_many_as_their_place_and_category_bring(year):
    forwarded = year.steps[:, FORWARD] < NEVER
    wrong = year.steps[:, HANDOVER] < NEVER
    expected = TRUTH.misrouted[year.kelurahan, year.category]
    assert wrong[forwarded].sum() == pytest.approx(expected[forwarded].sum(), rel=0.1)
    often = expected > np.quantile(expected, 0.8)
    assert wrong[forwarded & often].mean() > 2 * wrong[forwarded & ~often].mean()
    assert (year.holders[wrong, 1] != year.holders[wrong, 2]).all()


def test_shares_on_time_are_spread_as_the_true_quality_of_the_offices(year):
    true = np.array(list(on_time_shares(WORLD, 2025).values()))
    assert 0.9 < true.mean() < 0.97
    assert 0.02 < true.std() < 0.05
    pace = [slowness(WORLD)[CITY.agencies[agency].as_py()] for agency in CITY.office]
    assert np.corrcoef(true, pace)[0, 1] < -0.95
    at_office = CITY.geotagged[year.channel] & (year.kind == Kind.HONEST)
    handed_on = year.steps[:, FORWARD] < NEVER
    hours = np.where(handed_on, year.steps[:, FORWARD], ended(year)) - created(year)
    on_time = hours <= np.where(handed_on, 6, 144) * 3600
    counts = np.bincount(year.kelurahan[at_office], minlength=267)
    share = np.bincount(year.kelurahan[at_office], on_time[at_office], 267) / np.maximum(counts, 1)
    many = counts > 300
    assert np.corrcoef(share[many], true[many])[0, 1] > 0.85
    assert share[many].mean() == pytest.approx(true[many].mean(), abs=0.02)


def photographed(some, ids, index, which="sesudah"):
    bodies = (
        crm.photo(WORLD, ANCHOR, {"name": f"{ids[i].as_py()}-{which}.jpg"}).body
        for i in index.tolist()
    )
    return [Image.open(io.BytesIO(body)) for body in bodies]


def bits(images):
    hashes = np.array([imagehash.phash(image).hash.ravel() for image in images])
    return (hashes[:, None] != hashes[None]).sum(axis=2)


def test_used_again_a_photo_keeps_its_hash_and_honest_photos_differ():
    some = complaints_of(WORLD, date(2025, 12, 1), date(2026, 1, 15))
    ids = truth(WORLD, some)["complaint_id"]
    office = planted(Kind.PHOTO)[0]
    taken_ = CITY.geotagged[some.channel] & closed(some) & ~some.rejected
    taken_ &= (ended(some) < ANCHOR.timestamp()) & (some.kelurahan == office)
    taken_ &= WORLD.uniform("complaint/photo", some.dice) < 0.93
    fakes = np.flatnonzero(taken_ & (some.kind == Kind.PHOTO))
    honest = np.flatnonzero(taken_ & (some.scene == some.dice))[:80]
    apart = bits(photographed(some, ids, np.concatenate([fakes, honest])))
    same = some.scene[fakes][:, None] == some.scene[fakes][None]
    assert len(fakes) > 10
    assert np.quantile(apart[: len(fakes), : len(fakes)][same], 0.95) <= 6
    others = apart[len(fakes) :][:, len(fakes) :][np.triu_indices(len(honest), 1)]
    assert (others > 12).mean() > 0.999
    assert (apart[: len(fakes), len(fakes) :] > 12).all()


def test_the_photo_that_serves_again_belongs_to_an_earlier_complaint_of_the_office():
    some = complaints_of(WORLD, date(2025, 12, 1), date(2026, 1, 15))
    original = (some.scene != some.dice) & (some.kind == Kind.HONEST)
    for fake in np.flatnonzero(some.kind == Kind.PHOTO):
        source = np.flatnonzero(original & (some.scene == some.scene[fake]))
        if some.day[fake] - some.day[0] >= 14:
            assert len(source) == 1
            assert (ended(some)[source] < created(some)[fake]).all()
            assert (some.holders[source, -1] == some.holders[fake, -1]).all()


def test_photos_of_before_and_after_show_the_same_place():
    some = complaints_of(WORLD, date(2026, 1, 10), date(2026, 1, 10))
    ids = truth(WORLD, some)["complaint_id"]
    taken_ = CITY.geotagged[some.channel] & closed(some) & ~some.rejected
    taken_ &= (ended(some) < ANCHOR.timestamp()) & (some.kind == Kind.HONEST)
    taken_ &= WORLD.uniform("complaint/photo", some.dice) < 0.93
    index = np.flatnonzero(taken_)[:20]
    before, after = (photographed(some, ids, index, w) for w in ("sebelum", "sesudah"))
    apart = bits([*before, *after])[:20, 20:]
    assert (np.diag(apart) < np.where(np.eye(20), 64, apart).min(axis=1)).mean() > 0.9


def test_photos_carry_the_time_and_place_that_telephones_write():
    some = complaints_of(WORLD, date(2026, 1, 10), date(2026, 1, 10))
    ids = truth(WORLD, some)["complaint_id"]
    taken_ = CITY.geotagged[some.channel] & closed(some) & ~some.rejected
    taken_ &= (ended(some) < ANCHOR.timestamp()) & (some.kind == Kind.HONEST)
    taken_ &= WORLD.uniform("complaint/photo", some.dice) < 0.93
    index = np.flatnonzero(taken_)[:1]
    exif = photographed(some, ids, index)[0].getexif()
    written = exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal]
    moment = datetime.strptime(written, "%Y:%m:%d %H:%M:%S").replace(tzinfo=WIB)
    assert moment.timestamp() == ended(some)[index[0]]
    degrees, minutes, seconds = exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude]
    assert -(degrees + minutes / 60 + seconds / 3600) == pytest.approx(some.lat[index[0]], abs=1e-4)
    assert exif[ExifTags.Base.Model] == "Telepon Uji 1"
