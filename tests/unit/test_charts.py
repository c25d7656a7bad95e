"""Charts: gaps stay gaps, and colours are named by token."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dashboards import charts
from dashboards.charts import Bound, Series
from dashboards.markup import html_text
from dashboards.panels import to_bytes

BEGIN = datetime(2026, 2, 18, 17, tzinfo=UTC)


def hourly(*values: float | None) -> list[tuple[datetime, float | None]]:
    return [(BEGIN + timedelta(hours=number), value) for number, value in enumerate(values)]


def test_a_long_silence_breaks_the_line() -> None:
    points = [*hourly(1, 2, 3), (BEGIN + timedelta(hours=9), 4.0)]

    assert [value for _, value in charts.with_gaps(points)] == [1, 2, 3, None, 4]


def test_regular_readings_stay_one_line() -> None:
    points = hourly(1, 2, 3, 4)

    assert charts.with_gaps(points) == points


def test_a_spark_draws_one_stroke_for_each_unbroken_run() -> None:
    drawn = html_text(charts.spark(hourly(10, 20, None, 30, 40), label="Tinggi muka air"))

    assert drawn.count("M") == 2
    assert 'aria-label="Tinggi muka air"' in drawn


def test_a_spark_without_values_says_so() -> None:
    assert "belum ada data" in html_text(charts.spark(hourly(None, None), label="Hujan"))


def test_a_figure_names_its_colours_by_token_and_its_unit_on_the_axis() -> None:
    chart = charts.lines(
        [Series("P.A. Manggarai", hourly(600, 700))],
        unit="cm",
        bounds=[Bound(750, "Siaga 3 – Waspada")],
        label="Tinggi muka air",
    )
    sent = to_bytes(chart).decode()

    assert '"var(--accent)"' in sent
    assert '"text":"cm"' in sent
    assert "Siaga 3 – Waspada" in sent


def test_a_figure_shows_the_wall_clock_of_jakarta() -> None:
    sent = to_bytes(charts.lines([Series("a", hourly(1, 2))], unit="cm", label="a")).decode()

    assert "2026-02-19T00:00:00" in sent


def test_an_axis_that_is_no_time_writes_its_numbers_as_numbers() -> None:
    time, count = charts.layout("%", 200), charts.layout("%", 200, across="laporan")

    assert time.xaxis.tickformatstops
    assert not count.xaxis.tickformatstops
    assert count.xaxis.title.text == "laporan"
    assert (count.separators, count.xaxis.separatethousands) == (",.", True)
