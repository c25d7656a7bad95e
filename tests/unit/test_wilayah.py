"""What the page of an area makes of its rows: the order of the work, words, suggestions."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from dashboards import publik_pengaduan, wilayah_areas, wilayah_record, wilayah_work
from dashboards.layers import blurred
from dashboards.markup import html_text
from dashboards.wilayah_areas import areas
from data.areas import BLUR_M, distance_m, nearby
from data.boards import Board, Question, Standing
from data.metrics import metrics
from data.uploads import Upload

NOW = datetime(2026, 3, 12, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)
GAMBIR, TEBET = areas()["31.71.01.1001"], areas()["31.74.01"]
CRM = "https://crm.example/laporan/{id}"


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def row(number: str, left_h: float | None, **changes: Any) -> dict[str, Any]:
    """Return an open complaint whose time ends in so many hours."""
    due = None if left_h is None else seconds(NOW + left_h * HOUR)
    return {
        "complaint_id": number,
        "reports": 1,
        "created_s": seconds(NOW - 100 * HOUR),
        "due_s": due,
        "category": "Jalan",
        "status": "Menunggu",
        "agency": "KELURAHAN GAMBIR",
        "office": GAMBIR.code,
        "held_s": seconds(NOW - 50 * HOUR),
        "held_due_s": due,
        "respond_s": None,
        "kelurahan_code": GAMBIR.code,
        "kelurahan": "Gambir",
        "place": "Jl. Cempaka, RW 05, Kelurahan Gambir, Kecamatan Gambir",
        "reopened": 0,
        "event_s": seconds(NOW),
        "simulated": True,
    } | changes


def drawn(rows: list[dict[str, Any]], area: Any = GAMBIR, **changes: str) -> str:
    asked = {"chosen": "", "shown": "", "crm": ""} | changes
    work = wilayah_work.work_of(rows, area, NOW)
    return html_text(wilayah_work.draw(work, area, NOW, **asked))


def test_due_within_a_day_comes_first_then_late_then_oldest():
    rows = [
        row("young", 90, created_s=seconds(NOW - 10 * HOUR)),
        row("late", -3),
        row("old", 80, created_s=seconds(NOW - 40 * HOUR)),
        row("later", -70),
        row("tomorrow", 23),
        row("now", 1),
        row("no-rule", None, created_s=seconds(NOW - 30 * HOUR)),
    ]
    work = wilayah_work.work_of(rows, GAMBIR, NOW)
    order = [one.row["complaint_id"] for one in work.own]
    assert order == ["now", "tomorrow", "later", "late", "old", "no-rule", "young"]


@pytest.mark.parametrize(
    ("left_h", "urgency"),
    [(0, "24jam"), (24, "24jam"), (24.01, "lainnya"), (-0.01, "terlambat"), (None, "lainnya")],
)
def test_urgency_changes_at_the_minute(left_h, urgency):
    assert wilayah_work.item(row("one", left_h), "due_s", NOW).urgency == urgency


def test_what_others_hold_stands_apart_with_their_own_clock():
    rows = [
        row("ours", 5),
        row("theirs", -100, office=None, agency="DINAS BINA MARGA", held_due_s=seconds(NOW + HOUR)),
    ]
    work = wilayah_work.work_of(rows, GAMBIR, NOW)
    assert [one.row["complaint_id"] for one in work.own] == ["ours"]
    assert [one.urgency for one in work.elsewhere] == ["24jam"]
    told = drawn(rows, shown="lain")
    assert "Dinas Bina Marga" in told
    assert "bukan waktu kantor ini" in told


def test_a_line_says_how_long_is_left_and_where():
    told = drawn([row("JK1", 5, reports=3), row("JK2", -50, reopened=1)], crm=CRM)
    assert "sisa 5 jam" in told
    assert "lewat 2 hari" in told
    assert "3 laporan" in told
    assert "dibuka kembali 1×" in told
    assert 'href="https://crm.example/laporan/JK1"' in told
    assert 'href="/pengaduan/JK1"' in told
    assert ">Jl. Cempaka, RW 05<" in told


def test_without_a_setting_there_is_no_link_to_the_crm():
    assert "CRM" not in drawn([row("JK1", 5)])


def test_a_filter_shows_one_kind_and_its_button_lets_go():
    rows = [row("JK1", 5), row("JK2", -5)]
    told = drawn(rows, chosen="terlambat")
    assert "JK2" in told
    assert "JK1" not in told
    (button,) = re.findall(r"<button[^>]*is-terlambat[^>]*>", told)
    assert 'aria-pressed="true"' in button
    assert 'data-value=""' in button
    assert "JK1" in drawn(rows, chosen="omong-kosong")
    assert "Lepas saringan" in drawn(rows, chosen="lainnya")


def test_of_a_kecamatan_only_the_thirty_gravest_are_listed():
    rows = [
        row(f"JK{number:03}", number + 1.0, office="31.74.01.1001", kelurahan_code="31.74.01.1001")
        for number in range(40)
    ]
    told = drawn(rows, TEBET)
    assert told.count("<li>") == wilayah_work.MOST_ABOVE
    assert "dan 10 laporan lain" in told


def test_the_kelurahan_that_needs_help_first_stands_first():
    rows = [
        *(row(f"late{n}", -5, office="31.74.01.1001") for n in range(3)),
        row("soon", 5, office="31.74.01.1002"),
        row("other", -5, office=None, kelurahan_code="31.74.01.1003"),
    ]
    work = wilayah_work.work_of(rows, TEBET, NOW)
    first, second, *rest = wilayah_work.helps(work, TEBET)
    assert (first.area.code, second.area.code) == ("31.74.01.1002", "31.74.01.1001")
    assert {one.area.code: one.elsewhere for one in rest}["31.74.01.1003"] == 1
    assert len(rest) == 5


def test_texts_of_a_source_stay_text():
    told = drawn([row("<b>1</b>", 5, category="<script>alert(1)</script>", place="<img>")])
    assert "<script>" not in told
    assert "<img>" not in told


def test_an_area_knows_what_is_above_inside_and_called_like_it():
    assert [one.code for one in wilayah_areas.above(GAMBIR)] == ["31.71", "31.71.01"]
    assert len(wilayah_areas.inside(TEBET, "kelurahan")) == 7
    assert {one.code for one in wilayah_areas.called("gambir")} >= {"31.71.01", "31.71.01.1001"}
    assert wilayah_areas.called("gambr")[0].name == "Gambir"
    assert {one.parent for one in wilayah_areas.called("31.74.01.9999")} >= {"31.74.01"}
    assert wilayah_areas.called("<>") == []


def standing(**changes: Any) -> Standing:
    told = dict.fromkeys(Standing.__dataclass_fields__)
    counts = ("rule_due", "rule_late", "rule_open", "late_here", "received", "n", "on_time")
    told |= dict.fromkeys((*counts, "late", "overdue", "handed", "running", "unjudged"), 0)
    told |= {"unit": GAMBIR.code, "name": "Gambir", "ranked": True, "tier": "setara"}
    return Standing(**told | changes)


def record(one: Standing | None = None, **changes: Any) -> wilayah_record.Record:
    board = Board(
        Question("kelurahan", date(2025, 3, 12), date(2026, 3, 11)),
        NOW,
        (one,) if one else (),
        (),
        (),
        True,
        0.95,
        0.0,
        None,
        0.0,
    )
    told = {"times": None, "quality": None, "backlog": None} | changes
    return wilayah_record.Record(GAMBIR, board, one, **told)


def test_every_metric_of_the_registry_is_told_even_without_data():
    figures = wilayah_record.figures(record())
    assert {one.code for one in figures} == set(metrics())
    told = {one.code: one.told for one in figures}
    assert told["M5"] == "nihil"
    assert {told[code] for code in ("A1", "M1", "M3", "M6", "M7", "M8")} == {"tidak tersedia"}
    assert "0,0 %" not in html_text(wilayah_record.draw_figures(record()))


def test_a_rating_is_told_by_its_lower_bound_with_who_rated():
    quality = dict(closed=100, reopened=1, returned=2, checked=0, verified=0)
    told = {
        one.code: one
        for one in wilayah_record.figures(record(quality=quality | {"rated": 9, "satisfied": 9}))
    }
    assert told["M8"].told == "sedikitnya 70,1 %"
    assert "yang menilai 9,0 %" in told["M8"].basis
    assert told["M7"].told == "tidak tersedia"
    assert told["M6"].told == "2,0 %"


def test_load_is_told_per_ten_thousand_residents():
    one = standing(received=28, n=20, share=0.9, expected=0.95, rule_due=30, rule_share=0.8)
    told = {figure.code: figure for figure in wilayah_record.figures(record(one))}
    assert told["M10"].told == wilayah_record.words.number(28e4 / GAMBIR.population, 1)
    assert "per petugas: belum ada data" in told["M10"].basis
    assert told["M3"].told == "90,0 %"


def test_load_is_told_per_officer_with_source_and_day_where_all_offices_are_known():
    one = standing(received=84, n=20, share=0.9, expected=0.95, rule_due=30, rule_share=0.8)
    staff = Upload(
        id=1,
        kind="petugas",
        values={GAMBIR.code: {"petugas": 42.0}},
        source="BKD DKI Jakarta",
        dated=date(2025, 12, 31),
        simulated=False,
        role="admin",
        at=NOW,
        sha256="",
        name_sha256="",
    )
    told = {figure.code: figure for figure in wilayah_record.figures(record(one, staff=staff))}
    said = "per petugas 2,0 (42 petugas kelurahan per 31 Desember 2025, BKD DKI Jakarta)"
    assert said in told["M10"].basis
    above = replace(record(one, staff=staff), area=areas()["31.71.01"])
    told = {figure.code: figure for figure in wilayah_record.figures(above)}
    assert "baru dimuat untuk 1 dari 6 kelurahan" in told["M10"].basis


CUT = date(2026, 3, 12)


def month(ago, on_time=54, n=60):
    counts = {"n": n, "on_time": on_time, "received": 60}
    return {"month": wilayah_record.months_before(CUT, ago), "simulated": True} | counts


def test_a_month_rises_or_falls_only_beyond_chance():
    def said(last: int) -> str:
        rows = [month(ago) for ago in range(12, 0, -1)]
        return wilayah_record.sentence(wilayah_record.months([*rows, month(0, last)], CUT, None))

    assert "Maret 2026 (belum lengkap) relatif tetap" in said(52)
    assert "Maret 2026 (belum lengkap) menurun" in said(36)
    assert "meningkat" not in said(60)


def test_a_month_is_whole_when_it_is_over_and_all_of_it_is_due():
    rows = [month(3), month(2), month(1, 50, n=58), month(0, 20, n=30)]
    chart = wilayah_record.months(rows, CUT, None)
    assert chart["whole"].tolist() == [True, True, False, False]
    assert "belum lengkap" in str(wilayah_record.draw_months(rows, CUT, None))


def test_months_that_the_beginning_of_the_data_cuts_short_are_left_out():
    rows, begin = [month(ago) for ago in (9, 3, 2, 1, 0)], date(2025, 12, 22)
    chart = wilayah_record.months(rows, CUT, begin)
    assert chart["month"].iloc[0] == date(2026, 1, 1)
    assert len(wilayah_record.months(rows[:2], CUT, begin)) == wilayah_record.MONTHS + 1


def test_months_without_cases_are_gaps():
    chart = wilayah_record.months([], CUT, None)
    assert len(chart) == wilayah_record.MONTHS + 1
    assert chart["share"].isna().all()
    assert "Belum ada" in html_text(wilayah_record.draw_months([], CUT, None))


@pytest.mark.parametrize(
    ("here", "expected", "word"),
    [(30, 12.0, "lebih banyak"), (2, 15.0, "lebih sedikit"), (14, 12.0, ""), (3, 0.0, "")],
)
def test_a_category_is_called_frequent_only_beyond_chance(here, expected, word):
    assert wilayah_record.against({"here": here, "expected": expected}) == word


def test_neighbours_have_no_rank_and_no_tier():
    other = areas()["31.71.01.1002"]
    shown = record(standing(received=10, n=9, share=0.9)).board
    told = html_text(wilayah_record.draw_beside(GAMBIR, [other], shown))
    assert "Cideng" in told
    assert "90,0 %" in told
    for word in ("setara", "peringkat", "Perlu dibantu", "terbaik"):
        assert word not in told


def test_the_public_sees_a_complaint_elsewhere_and_without_its_number():
    rows = [
        {
            "complaint_id": f"JK{number}",
            "created_s": 1,
            "due_s": 2,
            "lon": 106.8 + number * 0.00071,
            "lat": -6.2 + number * 0.00037,
        }
        for number in range(200)
    ]
    seen = blurred(rows)
    away = [
        distance_m(one["lon"], one["lat"], other["lon"], other["lat"])
        for one, other in zip(rows, seen, strict=True)
    ]
    assert min(away) >= BLUR_M
    assert max(away) < 600
    assert not {one["complaint_id"] for one in seen} & {one["complaint_id"] for one in rows}
    assert {(one["created_s"], one["due_s"]) for one in seen} == {(None, None)}
    assert len({(one["lon"], one["lat"]) for one in seen}) < len(rows) / 2, "many share a place"
    assert blurred([rows[0] | {"lon": None, "lat": None}])[0]["lon"] is None


def test_a_place_that_is_a_node_of_the_grid_moves_too():
    assert distance_m(*nearby(106.8, -6.2), 106.8, -6.2) >= BLUR_M


def test_trending_is_far_above_the_usual_of_the_place():
    rows = [
        {"category": "Banjir", "received": 30, "usual": 4.0},
        {"category": "Jalan", "received": 12, "usual": 11.0},
        {"category": "Pohon", "received": 2, "usual": 0.1},
        {"category": "Sampah", "received": 9, "usual": 5.5},
    ]
    assert [one["category"] for one in publik_pengaduan.trending(rows)] == ["Banjir", "Sampah"]


def test_perangkat_daerah_are_told_in_words_only():
    units = (
        standing(unit="A", name="Dinas Satu", tier="lebih_baik", rank=1, share=0.99),
        standing(unit="B", name="Dinas Dua", tier="perlu_dibantu", rank=2, share=0.5),
    )
    board = record().board
    told = html_text(
        publik_pengaduan.draw_agencies(
            Board(
                **{name: getattr(board, name) for name in Board.__dataclass_fields__}
                | {"units": units}
            )
        )
    )
    assert "Kinerja lebih baik dari kota (1)" in told
    assert "Dinas Dua" in told
    assert "99" not in told
    assert "%" not in told
