"""Lalu lintas: jams now and against the usual for this hour and weekday, and where to step in.

URL    /lalu-lintas?koridor=K001&urut=tundaan    a shared link opens on the same corridor
Reads  corridors_now, corridor_day, corridor_week, jams_now, traffic_alerts_now, and the layers of
       jams and of reports

A corridor is held against itself: what is slow every Monday morning is no news on a Monday morning.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import shapely
from dash import html
from dash.development.base_component import Component
from dash_svg import Path, Rect, Svg

from dashboards import layers, maps, parts
from dashboards.access import EVERYONE
from dashboards.maps import swatch
from dashboards.panels import Panel, View, panel_slot
from dashboards.site import Site
from data import queries, reference, words
from data.asof import WIB
from data.lake import Lake
from data.queries import Row

PATH = "/lalu-lintas"
CORRIDOR, ORDER, BY_DELAY = "koridor", "urut", "tundaan"
# From this level on a jam counts as "titik macet".
WORST_SHOWN, CANDIDATES_SHOWN, REPORTS_SHOWN = 12, 6, 30
# Kinds of reports that are all listed, before the stretches that are told to be closed.
URGENT = ("ROAD_CLOSED", "ACCIDENT")
# A corridor asks for attention when the way through it takes so much longer than an hour ago, more
# than it usually does at this hour.
LEAST_SHARE, LEAST_S = 0.10, 30.0
# A report stands at a corridor within so many metres; a degree is 110.6 km here.
NEAR_M, METRES_A_DEGREE = 150.0, 110_600.0
DAYS = ("Sen", "Sel", "Rab", "Kam", "Jum", "Sab", "Min")
# Share of the free speed from which a cell of the week is the next lighter; the limits are those
# of the levels of TomTom (etl/feeds/tomtom_flow.py).
PACES = (
    (0.90, "lancar"),
    (0.625, "ramai"),
    (0.35, "lambat"),
    (0.25, "antre"),
    (0.0, "nyaris diam"),
)
SPARK = (132, 30)


@dataclass(frozen=True)
class Way:
    """How long the way through one corridor takes, in seconds; None where it is not known.

    Args:
        row: That of the query `corridors_now`.
        usual_s: Usually, at this hour and weekday.
        hour_s: About an hour ago.
        half_s: About half an hour ago.
        growth_s: By how much it grew within the hour beyond what it usually does.
    """

    row: Row
    now_s: float | None
    usual_s: float | None
    hour_s: float | None
    half_s: float | None
    growth_s: float | None

    @property
    def over_s(self) -> float | None:
        """Seconds beyond the usual."""
        if self.now_s is None or self.usual_s is None:
            return None
        return self.now_s - self.usual_s

    @property
    def slower(self) -> float | None:
        """Speed against the usual, as a share: -0.25 is a quarter slower."""
        speed, usual = self.row["speed_kmh"], self.row["usual_kmh"]
        return speed / usual - 1 if usual and speed is not None else None


def mount(site: Site) -> None:
    """Put the page and its panels on the site."""
    panels = _panels()
    site.panels(*panels)
    shown = [layers.JAMS, replace(layers.TRAFFIC_ALERTS, shown=True)]

    def layout(**_query: Any) -> Component:
        numbers, candidates, worst, reports, week = panels
        return html.Main(
            [
                html.H1("Lalu lintas", className="visually-hidden"),
                panel_slot(numbers, class_name="jalan-angka"),
                html.Section(
                    maps.map_view(site, shown, id="lalu-lintas-peta"),
                    className="jalan-peta",
                    **{"aria-label": "Peta kemacetan dan laporan jalan"},
                ),
                panel_slot(candidates, class_name="jalan-calon"),
                panel_slot(worst, class_name="jalan-terburuk"),
                panel_slot(reports, class_name="jalan-laporan"),
                panel_slot(week, class_name="jalan-pekan"),
                sources(queries.feeds(site.lake)),
            ],
            className="page jalan",
        )

    site.page(
        __name__,
        path=PATH,
        title="Lalu lintas",
        icon="traffic",
        order=20,
        roles=EVERYONE,
        layout=layout,
    )


def sources(feeds: Sequence[Row]) -> Component:
    """Return whose data these are and on which terms; rows of the query `feeds`."""
    told = [row for row in feeds if row["feed"] in ("waze_ccp", "tomtom_flow") and row["scheduled"]]
    return html.Footer(
        [
            html.P(
                [
                    parts.simulated_mark() if row["simulated"] else None,
                    " Kota simulasi dalam format " if row["simulated"] else "Sumber: ",
                    f"{row['source']}. {row['licence']}.",
                ]
            )
            for row in told
        ],
        className="jalan-sumber",
    )


def ways(rows: Sequence[Row]) -> list[Way]:
    """Return the travel times of corridors; rows of the query `corridors_now`."""
    return [_way(row) for row in rows]


def _way(row: Row) -> Way:
    def seconds(name: str) -> float | None:
        return row["length_m"] * 3.6 / row[name] if row[name] else None

    now, usual = seconds("speed_kmh"), seconds("usual_kmh")
    hour, usual_hour = seconds("earlier_kmh"), seconds("usual_hour_kmh")
    growth = None
    if now is not None and hour is not None:
        usually = usual - usual_hour if usual is not None and usual_hour is not None else 0.0
        # A road that usually empties now, and does not, is no growth to send someone for.
        growth = now - hour - max(usually, 0.0)
    return Way(row, now, usual, hour, seconds("half_kmh"), growth)


def travel_time(through: Sequence[Way]) -> tuple[float | None, float | None, float | None]:
    """Return the mean speed now and usually (km/h), and the travel time over the usual as a share.

    Each is over the corridors that have both: length over time, so that a long road counts more.
    """
    both = [
        (way.row["length_m"], way.now_s, way.usual_s)
        for way in through
        if way.now_s is not None and way.usual_s is not None
    ]
    if not both:
        alone = [(way.row["length_m"], way.now_s) for way in through if way.now_s is not None]
        length, time = sum(metres for metres, _ in alone), sum(now for _, now in alone)
        return (length / time * 3.6 if time else None), None, None
    length = sum(metres for metres, _, _ in both)
    now, usual = sum(now for _, now, _ in both), sum(usual for _, _, usual in both)
    return length / now * 3.6, length / usual * 3.6, now / usual - 1


def numbers(jams: Sequence[Row], through: Sequence[Way], when: datetime) -> Component:
    """Draw the key figures.

    Args:
        jams: Rows of the query `jams_now`.
        when: The moment that is looked at, aware.
    """
    jammed = [row for row in jams if row["level"] >= layers.JAMMED]
    feeds = sorted({row["feed"] for row in jams} or {"waze_ccp"})
    length_km = sum(row["length_m"] or 0 for row in jammed) / 1000
    closed = sum(row["level"] == layers.CLOSED for row in jammed)
    speed, usual, over = travel_time(through)
    judged = [
        way
        for way in through
        if way.row["usual_low_kmh"] is not None and way.row["speed_kmh"] is not None
    ]
    slow = sum(way.row["speed_kmh"] < way.row["usual_low_kmh"] for way in judged)
    flow = ("tomtom_flow",)
    return html.Div(
        [
            parts.reading(
                len(jammed),
                "titik",
                feeds=feeds,
                label="Titik macet",
                note=f"{words.number(closed)} di antaranya ditutup" if closed else None,
            ),
            parts.reading(
                length_km, "km", decimals=1, feeds=feeds, label="Panjang antrean di titik macet"
            ),
            parts.reading(
                speed,
                "km/jam",
                decimals=1,
                feeds=flow,
                label=f"Kecepatan rata-rata {words.number(len(through))} koridor",
                note=None if usual is None else f"biasanya {words.quantity(usual, 'km/jam', 1)}",
            ),
            parts.reading(
                None if over is None else 100 * abs(over),
                f"% {'lebih lama' if (over or 0) >= 0 else 'lebih singkat'}",
                feeds=flow,
                label=f"Waktu tempuh dibanding biasanya, {words.weekday_hour(when)}",
                note="Pembanding belum ada: perlu tiga pekan riwayat" if over is None else None,
            ),
            parts.reading(
                slow if judged else None,
                f"dari {words.number(len(judged))} koridor" if judged else "",
                feeds=flow,
                label="Lebih lambat dari sembilan dari sepuluh pekan",
            ),
        ],
        className="jalan-figures",
    )


def worst(through: Sequence[Way], days: Mapping[str, Sequence[Row]], chosen: str, by: str) -> Any:
    """Draw the corridors that are worst now.

    Args:
        days: Rows of the query `corridor_day` by corridor.
        chosen: Id of the corridor that the week is shown of.
        by: "tundaan" for the delay against free flow; else against the usual.
    """
    if not through:
        return parts.empty(
            "Belum ada data kecepatan koridor", "Tidak ada yang diterima dalam satu jam terakhir."
        )
    ranked = ranking(through, by)[:WORST_SHOWN]
    heads = ("Koridor", "Kecepatan", "Biasanya", "Selisih", "Tundaan", "Panjang", "12 jam terakhir")
    return [
        html.Div(
            [
                _sort_button("Dibanding biasanya", "", by),
                _sort_button("Tundaan terlama", BY_DELAY, by),
            ],
            className="jalan-urut",
            role="group",
            **{"aria-label": "Urutkan koridor"},
        ),
        html.Div(
            html.Table(
                [
                    html.Thead(html.Tr([html.Th(head, scope="col") for head in heads])),
                    html.Tbody([_corridor(way, days, chosen) for way in ranked]),
                ],
                className="table jalan-tabel",
            ),
            className="table-scroll",
        ),
    ]


def ranking(through: Sequence[Way], by: str) -> list[Way]:
    """Return the corridors, worst first; those without what they are ranked by stand last."""
    if by == BY_DELAY:
        return sorted(through, key=lambda way: -(way.row["delay_s"] or 0))
    return sorted(
        through, key=lambda way: (way.slower is None, way.slower or 0, way.row["corridor_id"])
    )


def _sort_button(text: str, value: str, by: str) -> Component:
    return html.Button(
        text,
        className="choice",
        **{
            "aria-pressed": "true" if value == by else "false",
            "data-act": "go",
            "data-name": ORDER,
            "data-value": value,
        },
    )


def _corridor(way: Way, days: Mapping[str, Sequence[Row]], chosen: str) -> Component:
    row = way.row
    delay = None if row["delay_s"] is None else row["delay_s"] / 60
    usual = words.quantity(row["usual_kmh"], "km/jam")
    return html.Tr(
        [
            html.Th(_corridor_button(row), scope="row"),
            html.Td(
                parts.reading(
                    row["speed_kmh"], "km/jam", moment=row["event_time"], feeds=(row["feed"],)
                ),
                **{"data-label": "Kecepatan"},
            ),
            html.Td(usual, **{"data-label": "Biasanya"}),
            html.Td(_difference(way), **{"data-label": "Selisih"}),
            html.Td(
                "ditutup" if row["level"] == layers.CLOSED else words.quantity(delay, "mnt", 1),
                **{"data-label": "Tundaan"},
            ),
            html.Td(words.quantity(row["length_m"] / 1000, "km", 1), **{"data-label": "Panjang"}),
            html.Td(
                spark(days.get(row["corridor_id"], ()), row),
                className="jalan-spark",
                **{"data-label": "12 jam terakhir"},
            ),
        ],
        className="is-chosen" if row["corridor_id"] == chosen else "",
    )


def _corridor_button(row: Row) -> Component:
    return html.Button(
        row["name"],
        className="link",
        title="Lihat pola sepekan koridor ini",
        **{"data-act": "go", "data-name": CORRIDOR, "data-value": row["corridor_id"]},
    )


def _difference(way: Way) -> Any:
    slower = way.slower
    if slower is None:
        return html.Span("belum ada pembanding", className="figure-note")
    percent = round(100 * slower)
    outside = way.row["speed_kmh"] < way.row["usual_low_kmh"]
    text = "sama" if percent == 0 else f"{words.number(abs(percent))} %"
    word = "" if percent == 0 else " lebih lambat" if percent < 0 else " lebih cepat"
    return html.Span(
        [
            html.Span(
                "▼ " if percent < 0 else "▲ " if percent > 0 else "", **{"aria-hidden": "true"}
            ),
            html.Strong(text),
            word,
        ],
        className="jalan-luar" if outside else "",
    )


def spark(hours: Sequence[Row], row: Row) -> Component:
    """Return a small picture of twelve hours: the usual as a band, what was told as a line.

    Args:
        hours: Rows of the query `corridor_day` of one corridor.
        row: Its row of `corridors_now`: the end of the line and of the band.
    """
    width, height = SPARK
    frame = {"viewBox": f"0 0 {width} {height}", "className": "spark", "role": "img"}
    if not hours:
        return Svg([], **frame, **{"aria-label": "Belum ada riwayat hari ini"})
    begin, end = hours[0]["event_time"], row["event_time"]
    span = max((end - begin).total_seconds(), 1.0)
    # An hour's mean stands at its middle.
    told = [(min(one["event_time"] + timedelta(minutes=30), end), one) for one in hours]
    told.append((end, row))

    def place(at: datetime, speed: float) -> str:
        x = 2 + (width - 6) * max((at - begin).total_seconds(), 0) / span
        y = height - 3 - (height - 6) * min(speed / max(row["free_kmh"], 1), 1)
        return f"{x:.1f} {y:.1f}"

    band = [(at, one) for at, one in told if one["usual_low_kmh"] is not None]
    edge = [place(at, one["usual_high_kmh"]) for at, one in band]
    edge += [place(at, one["usual_low_kmh"]) for at, one in reversed(band)]
    middle = [place(at, one["usual_kmh"]) for at, one in band]
    path, pen = [], "M"
    for at, one in told:
        if one["speed_kmh"] is None:
            pen = "M"
            continue
        path.append(f"{pen}{place(at, one['speed_kmh'])}")
        pen = "L"
    x, y = (float(part) for part in place(end, row["speed_kmh"] or 0).split())
    return Svg(
        [
            Path(d=f"M{' L'.join(edge)} Z", className="spark-band") if edge else None,
            Path(d=f"M{' L'.join(middle)}", className="spark-usual", fill="none") if edge else None,
            Path(d=" ".join(path), className="spark-line", fill="none"),
            Rect(x=x - 2, y=y - 2, width=4, height=4, className="spark-end"),
        ],
        **frame,
        **{
            "aria-label": f"Kecepatan sejak pukul {words.clock(begin)} sampai sekarang"
            f" {words.quantity(row['speed_kmh'], 'km/jam')}, pita: biasanya"
        },
    )


def candidates(through: Sequence[Way], alerts: Sequence[Row], now: datetime) -> Any:
    """Draw where the way through grows fastest, and what is reported there.

    Args:
        alerts: Rows of the query `traffic_alerts_now`.
        now: The moment that is looked at, aware.
    """
    if not any(way.growth_s is not None for way in through):
        return parts.empty(
            "Belum dapat dinilai", "Perlu kecepatan koridor sekarang dan satu jam sebelumnya."
        )
    found = worsening(through)[:CANDIDATES_SHOWN]
    if not found:
        return html.P(
            parts.judged(
                "Tidak ada koridor yang memburuk di luar kebiasaan dalam satu jam terakhir.",
                feeds=("tomtom_flow",),
            )
        )
    reports = near([way.row for way in found], alerts)
    return html.Ol([_candidate(way, reports[way.row["corridor_id"]], now) for way in found])


def worsening(through: Sequence[Way]) -> list[Way]:
    """Return the corridors whose travel time grows beyond the usual, fastest first."""
    found = [
        way
        for way in through
        if way.growth_s is not None
        and way.hour_s is not None
        and way.growth_s >= max(LEAST_S, LEAST_SHARE * way.hour_s)
    ]
    return sorted(found, key=lambda way: (way.growth_s or 0) / (way.hour_s or 1), reverse=True)


def near(corridors: Sequence[Row], alerts: Sequence[Row]) -> dict[str, list[Row]]:
    """Return by corridor the reports that stand at it, gravest kind and newest first."""
    if not alerts:
        return defaultdict(list)
    points = shapely.points([(row["lon"], row["lat"]) for row in alerts])
    found: dict[str, list[Row]] = defaultdict(list)
    for row in corridors:
        away = shapely.distance(shapely.from_wkt(row["line"]), points) * METRES_A_DEGREE
        at = [alert for alert, metres in zip(alerts, away, strict=True) if metres <= NEAR_M]
        found[row["corridor_id"]] = sorted(at, key=_gravity)
    return found


def _gravity(row: Row) -> tuple[int, float]:
    return list(layers.ALERTS).index(row["type"]), -row["event_time"].timestamp()


def _candidate(way: Way, reports: Sequence[Row], now: datetime) -> Component:
    row, hour, growth = way.row, way.hour_s or 1.0, way.growth_s or 0.0
    usually = (way.now_s or 0) - hour - growth
    half = None if way.half_s is None or way.now_s is None else way.now_s - way.half_s
    return html.Li(
        [
            html.Div(
                [
                    _corridor_button(row),
                    parts.judged(
                        html.Strong(f"+{words.number(100 * growth / hour)} %"),
                        moment=row["event_time"],
                        feeds=(row["feed"],),
                    ),
                ],
                className="jalan-calon-judul",
            ),
            html.P(
                [
                    f"Waktu tempuh {_minutes(hour)} → {_minutes(way.now_s)} dalam satu jam",
                    f" ({_signed(half)} dalam setengah jam terakhir)" if half is not None else "",
                    f"; biasanya {_signed(usually)}" if usually >= LEAST_S / 2 else "",
                    f". Sekarang {words.quantity(row['speed_kmh'], 'km/jam')}.",
                ]
            ),
            html.P(
                [
                    "Dilaporkan di koridor ini: ",
                    "; ".join(_report_words(report, now) for report in reports[:3]),
                    f"; {len(reports) - 3} lagi" if len(reports) > 3 else "",
                ]
                if reports
                else "Belum ada laporan pengguna jalan di koridor ini.",
                className="figure-note",
            ),
        ]
    )


def _minutes(seconds: float | None) -> str:
    return words.quantity(None if seconds is None else seconds / 60, "mnt", 1)


def _signed(seconds: float) -> str:
    sign = "+" if seconds >= 0 else words.MINUS
    return f"{sign}{words.quantity(abs(seconds) / 60, 'mnt', 1)}"


def _report_words(row: Row, now: datetime) -> str:
    detail = layers.ALERT_DETAILS.get(row["subtype"])
    kind = layers.ALERTS[row["type"]][0].lower()
    return f"{kind}{f' ({detail})' if detail else ''} {words.age(row['event_time'], now)}"


def reports(alerts: Sequence[Row], jams: Sequence[Row]) -> Any:
    """Draw what is closed and what is reported, gravest kind first, newest first in each.

    Args:
        alerts: Rows of the query `traffic_alerts_now`.
        jams: Rows of the query `jams_now`: a closed stretch is one of them.
    """
    closed = closed_streets(jams)
    if not alerts and not closed:
        calm = "Tidak ada penutupan atau laporan di jalan."
        return html.P(parts.judged(calm, feeds=("waze_ccp",)))
    counts = Counter(row["type"] for row in alerts)
    ordered = sorted(alerts, key=_gravity)
    others = [row for row in ordered if row["type"] not in URGENT]
    rest = len(others) - REPORTS_SHOWN
    return [
        html.Ul(
            [
                _count("ROAD_CLOSED", sum(len(rows) for rows in closed.values()), "Ruas tertutup")
                if closed
                else None,
                *(_count(kind, counts[kind], layers.ALERTS[kind][0]) for kind in layers.ALERTS),
            ],
            className="jalan-hitung",
        ),
        html.Div(
            html.Table(
                [
                    html.Thead(
                        html.Tr(
                            [
                                html.Th(head, scope="col")
                                for head in ("Laporan", "Tempat", "Umur", "Keandalan")
                            ]
                        )
                    ),
                    html.Tbody(
                        [
                            *(_report_row(row) for row in ordered if row["type"] in URGENT),
                            *(_closed_row(street, rows) for street, rows in closed.items()),
                            *(_report_row(row) for row in others[:REPORTS_SHOWN]),
                        ]
                    ),
                ],
                className="table jalan-tabel",
            ),
            className="table-scroll tall",
        ),
        html.P(f"{words.number(rest)} laporan lagi dalam Unduh data.", className="figure-note")
        if rest > 0
        else None,
    ]


def _count(kind: str, count: int, word: str) -> Component:
    _, shape, color = layers.ALERTS[kind]
    return html.Li(
        [swatch(shape, color), html.Span(words.number(count), className="value"), word],
        className="" if count else "is-none",
    )


def closed_streets(jams: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the closed stretches by street, most of them first; rows of the query `jams_now`."""
    streets: dict[str, list[Row]] = defaultdict(list)
    for row in jams:
        if row["level"] == layers.CLOSED:
            streets[row["street"] or "jalan tanpa nama"].append(row)
    return dict(sorted(streets.items(), key=lambda item: (-len(item[1]), item[0])))


def _closed_row(street: str, rows: Sequence[Row]) -> Component:
    length_km = sum(row["length_m"] or 0 for row in rows) / 1000
    newest = max(rows, key=lambda row: row["event_time"])
    stretches = f"{words.number(len(rows))} ruas, {words.quantity(length_km, 'km', 1)}"
    word = f"Ruas tertutup ({stretches})"
    return _row("ROAD_CLOSED", word, newest | {"street": street}, place=None, reliability=None)


def _report_row(row: Row) -> Component:
    detail = layers.ALERT_DETAILS.get(row["subtype"])
    word = layers.ALERTS[row["type"]][0]
    return _row(
        row["type"],
        f"{word}, {detail}" if detail else word,
        row,
        place=row["kelurahan"],
        reliability=row["reliability"],
    )


def _row(kind: str, word: str, row: Row, *, place: str | None, reliability: float | None) -> Any:
    _, shape, color = layers.ALERTS[kind]
    known = reliability is not None
    return html.Tr(
        [
            html.Th([swatch(shape, color), " ", word], scope="row"),
            html.Td(
                [row["street"] or "jalan tanpa nama", f", Kel. {place}" if place else ""],
                **{"data-label": "Tempat"},
            ),
            html.Td(parts.age(row["event_time"]), **{"data-label": "Umur"}),
            html.Td(
                f"{words.number(reliability)} dari 10" if known else "dari ruas macet",
                **{"data-label": "Keandalan"},
            ),
        ]
    )


def week(rows: Sequence[Row], through: Sequence[Way], chosen: Row | None, now: datetime) -> Any:
    """Draw the usual week of one corridor, hour by weekday.

    Args:
        rows: Rows of the query `corridor_week`.
        chosen: The corridor, a row of the table `corridors`; None where there is none of that id.
        now: The moment that is looked at, aware: its cell is outlined.
    """
    if chosen is None:
        return parts.empty(
            "Koridor itu tidak dikenal", "Pilih koridor pada tabel koridor terburuk."
        )
    picker = _picker(chosen["corridor_id"])
    if not rows:
        return [picker, parts.empty("Belum ada riwayat koridor ini")]
    cells = {(row["weekday"], row["hour"]): row for row in rows}
    free = float(chosen["free_flow_kmh"])
    local = now.astimezone(WIB)
    present = (local.isoweekday(), local.hour)
    told = next((way for way in through if way.row["corridor_id"] == chosen["corridor_id"]), None)
    return [
        picker,
        _present(told) if told else html.P("Belum ada kecepatan saat ini.", className="key-note"),
        html.Table(
            [
                html.Caption("Kecepatan median km/jam, delapan pekan terakhir, jam dalam WIB"),
                html.Thead(
                    html.Tr(
                        [html.Th("Jam", scope="col")] + [html.Th(day, scope="col") for day in DAYS]
                    )
                ),
                html.Tbody(
                    [
                        html.Tr(
                            [html.Th(f"{hour:02}", scope="row")]
                            + [
                                _cell(cells.get((day, hour)), free, (day, hour) == present)
                                for day in range(1, 8)
                            ]
                        )
                        for hour in range(24)
                    ]
                ),
            ],
            className="pekan",
        ),
        html.Ul(
            [
                html.Li([html.Span(className=f"pekan-{index}"), name])
                for index, (_, name) in enumerate(PACES)
            ],
            className="pekan-legend",
        ),
    ]


def _present(way: Way) -> Component:
    row = way.row
    return html.P(
        [
            parts.reading(
                row["speed_kmh"],
                "km/jam",
                moment=row["event_time"],
                feeds=(row["feed"],),
                label="Sekarang",
                note=f"biasanya {words.quantity(row['usual_kmh'], 'km/jam')} ·"
                f" arus lancar {words.quantity(row['free_kmh'], 'km/jam')}",
            ),
            _difference(way),
        ],
        className="pekan-kini",
    )


def _cell(row: Row | None, free_kmh: float, present: bool) -> Component:
    if row is None:
        return html.Td(words.NOTHING, className="pekan-none")
    share = row["speed_kmh"] / free_kmh
    pace = next(index for index, (least, _) in enumerate(PACES) if share >= least)
    return html.Td(
        words.number(row["speed_kmh"]),
        className=f"pekan-{pace}" + (" is-now" if present else ""),
        title=f"{PACES[pace][1]}, median dari {row['weeks']} pekan",
        **({"aria-current": "time"} if present else {}),
    )


def _picker(chosen: str) -> Component:
    """Return the choice of a corridor; assets/lalu-lintas.js puts it into the address."""
    ordered = sorted(reference.rows("corridors"), key=lambda row: row["name"])
    return html.Label(
        [
            html.Span("Koridor"),
            html.Select(
                [
                    html.Option(
                        row["name"],
                        value=row["corridor_id"],
                        selected=row["corridor_id"] == chosen,
                    )
                    for row in ordered
                ],
                className="field",
                **{"data-go": CORRIDOR},
            ),
        ],
        className="pick",
    )


def chosen_corridor(view: View, through: Sequence[Way]) -> str:
    """Return the id of the corridor that the address names; without one, of the worst."""
    if named := view.params.get(CORRIDOR):
        return named
    ranked = ranking(through, "")
    return ranked[0].row["corridor_id"] if ranked else reference.rows("corridors")[0]["corridor_id"]


def _through(lake: Lake, view: View) -> list[Way]:
    return ways(queries.corridors_now(lake, view.as_of, view.area))


def _draw_worst(lake: Lake, view: View) -> Any:
    through = _through(lake, view)
    days: dict[str, list[Row]] = defaultdict(list)
    for row in queries.corridor_day(lake, view.as_of):
        days[row["corridor_id"]].append(row)
    return worst(through, days, chosen_corridor(view, through), view.params.get(ORDER, ""))


def _draw_candidates(lake: Lake, view: View) -> Any:
    alerts = queries.traffic_alerts_now(lake, view.as_of, view.area)
    return candidates(_through(lake, view), alerts, view.as_of.event_time)


def _draw_reports(lake: Lake, view: View) -> Any:
    alerts = queries.traffic_alerts_now(lake, view.as_of, view.area)
    return reports(alerts, queries.jams_now(lake, view.as_of, view.area))


def _draw_week(lake: Lake, view: View) -> Any:
    through = _through(lake, view)
    corridor = chosen_corridor(view, through)
    row = next((row for row in reference.rows("corridors") if row["corridor_id"] == corridor), None)
    rows = queries.corridor_week(lake, view.as_of, corridor) if row else []
    return week(rows, through, None if row is None else dict(row), view.as_of.event_time)


def _week_rows(lake: Lake, view: View) -> list[Row]:
    return queries.corridor_week(lake, view.as_of, chosen_corridor(view, _through(lake, view)))


def _flow_rows(lake: Lake, view: View) -> list[Row]:
    rows = queries.corridors_now(lake, view.as_of, view.area)
    return [{name: value for name, value in row.items() if name != "line"} for row in rows]


def _panels() -> tuple[Panel, ...]:
    usual = (
        "Biasanya: median jam dan hari yang sama pada delapan pekan sebelumnya, tanpa hari libur"
        " Lebaran, dari tiga pekan ke atas; di antara tengah dua jam nilainya berubah rata."
        " Angka nyata tidak pernah dibandingkan dengan angka simulasi."
    )
    return (
        Panel(
            id="jalan-angka",
            title="Lalu lintas sekarang",
            feeds=("waze_ccp", "tomtom_flow"),
            roles=EVERYONE,
            render=lambda lake, view: numbers(
                queries.jams_now(lake, view.as_of, view.area),
                _through(lake, view),
                view.as_of.event_time,
            ),
            rows=_flow_rows,
            how="Titik macet: kemacetan tingkat 3 ke atas dalam satu jam terakhir, dari satu sumber"
            " saja (Waze, bila tidak ada TomTom), agar satu antrean tidak terhitung dua kali."
            " Kecepatan rata-rata: panjang seluruh koridor dibagi waktu tempuhnya."
            f" {usual} Jumlah titik macet tidak dibandingkan: riwayatnya tidak disimpan per jam.",
            queries=("jams_now", "corridors_now"),
            tables=("traffic_jams",),
        ),
        Panel(
            id="jalan-calon",
            title="Perlu intervensi: memburuk tercepat",
            feeds=("tomtom_flow", "waze_ccp"),
            roles=EVERYONE,
            render=_draw_candidates,
            rows=_flow_rows,
            how="Koridor yang waktu tempuhnya bertambah dalam satu jam terakhir sedikitnya 10 % dan"
            " 30 detik, setelah dikurangi pertambahan yang biasa pada jam ini; terbesar menurut"
            " persentase yang tercetak. Satu jam sebelumnya: rata-rata 45–75 menit yang lalu, bila"
            " tidak ada, rata-rata jam sebelumnya. Laporan di koridor: dalam 150 m,"
            f" belum tentu penyebabnya. {usual}",
            queries=("corridors_now", "traffic_alerts_now"),
            tables=("traffic_jams",),
        ),
        Panel(
            id="jalan-terburuk",
            title="Koridor terburuk sekarang",
            feeds=("tomtom_flow",),
            roles=EVERYONE,
            render=_draw_worst,
            rows=_flow_rows,
            how="Selisih: kecepatan sekarang terhadap yang biasa. ▼ tebal: lebih lambat daripada"
            " sembilan dari sepuluh pekan. Tundaan: terhadap arus lancar. Grafik kecil: garis hari"
            f" ini, putus-putus yang biasa dengan pita rentangnya, dari nol sampai kecepatan arus"
            f" lancar. {usual}",
            queries=("corridors_now", "corridor_day"),
            params=(CORRIDOR, ORDER),
            tables=("traffic_jams",),
        ),
        Panel(
            id="jalan-laporan",
            title="Penutupan dan laporan jalan",
            feeds=("waze_ccp",),
            roles=EVERYONE,
            render=_draw_reports,
            rows=lambda lake, view: queries.traffic_alerts_now(lake, view.as_of, view.area),
            how="Laporan pengguna jalan dalam dua hari yang masih dicantumkan sumbernya, tanpa"
            " laporan kemacetan. Keandalan 0–10 dinilai sumbernya dari jumlah dan riwayat pelapor."
            " Ruas tertutup: kemacetan tingkat 5.",
            queries=("traffic_alerts_now", "jams_now"),
            tables=("traffic_alerts",),
        ),
        Panel(
            id="jalan-pekan",
            title="Pola sepekan satu koridor",
            feeds=("tomtom_flow",),
            roles=EVERYONE,
            render=_draw_week,
            rows=_week_rows,
            how="Median kecepatan tiap jam dan hari dalam delapan pekan terakhir, tanpa hari libur"
            " Lebaran. Kelas warna: kecepatan terhadap arus lancar, batas 90, 62,5, 35 dan 25 %"
            " menurut kondisi lalu lintas TomTom. Sel bergaris tepi: jam ini.",
            queries=("corridor_week", "corridors_now"),
            params=(CORRIDOR,),
        ),
    )
