"""The zones of the wall: what each draws from the rows of a query, short enough for five metres.

A list is drawn worst first; assets/dinding.js leaves out what finds no room, rows from the end and
then what carries `data-leave`, the greatest number first. What carries `data-rest` counts those of
its `data-kind` that were left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboards import floods, layers, parts, wall_map
from data import city_status, reference, words
from data.alarms import Rule
from data.ledger import Held
from data.queries import Row

EXCEPTIONS, STREETS, FLOODED, BURSTS = 5, 6, 8, 5
CAMERAS = 12
ALARM_FEEDS = ("alarms",)
GATE_FEEDS, PUMP_FEEDS = layers.GATES.feeds, layers.PUMPS.feeds
FLOOD_FEEDS, COMPLAINT_FEEDS = layers.INUNDATIONS.feeds, layers.COMPLAINTS.feeds
JAM_FEEDS, AIR_FEEDS = layers.JAMS.feeds, layers.AIR.feeds
# What an alarm is about -> how many of them are called, and the scene that shows them.
SUBJECTS = {
    "gate": ("pos", "banjir"),
    "pump_house": ("rumah pompa", "banjir"),
    "place": ("tempat", "banjir"),
    "kelurahan": ("kelurahan", "pengaduan"),
    "corridor": ("ruas", "lalu-lintas"),
    "air_station": ("stasiun", "udara"),
    "feed": ("sumber", ""),
}


def status(row: Row | None) -> Component:
    """Draw the city's status in one line, what it asks and why; a row of `city_status`."""
    if row is None:
        return html.Div(_status_now(0, "Belum dinilai"), className="status")
    said = [*(row["asks"] or ()), *(row["reasons"] or ())]
    return html.Div(
        [
            _status_now(row["level"], city_status.WORDS[row["level"]]),
            html.Ul([html.Li(text) for text in said], className="status-asks"),
        ],
        className=f"status status-{row['level']}",
    )


def _status_now(level: int, word: str) -> Component:
    steps = [
        html.I(className="is-on" if step <= level else "", style={"--step": step})
        for step in city_status.WORDS
    ]
    return html.Div(
        [
            html.Span(["Status ", html.Br(), "Kota"], className="status-label"),
            html.Span(steps, className="status-steps", **{"aria-hidden": "true"}),
            html.Strong(
                parts.judged(word, feeds=ALARM_FEEDS) if level else word, className="status-word"
            ),
        ],
        className="status-now",
    )


def exceptions(
    rows: Sequence[Row], held: Mapping[str, Held], rules: Mapping[str, Rule]
) -> Component:
    """Draw what needs attention, gravest first, alarms of one kind in one row.

    Args:
        rows: Rows of `alarms_now`, gravest first.
        held: How each stands with the people, by its id.
        rules: Rules in force, by id.
    """
    if not rows:
        calm = parts.judged("Tidak ada yang perlu perhatian", feeds=ALARM_FEEDS)
        return html.P(calm, className="calm")
    kinds = _kinds(rows)
    return html.Ol(
        [
            item
            for turn, kind in enumerate(kinds[:EXCEPTIONS])
            for item in _exceptions_of(kind, turn, held, rules)
        ],
        className="exceptions",
        **{"data-all": str(len(kinds))},
    )


def _kinds(rows: Sequence[Row]) -> list[list[Row]]:
    """Return the alarms of each rule, severity and state, in the order of the first of each."""
    found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[row["rule"], row["severity"], row["state"]].append(row)
    return list(found.values())


def _exceptions_of(
    kind: Sequence[Row], turn: int, held: Mapping[str, Held], rules: Mapping[str, Rule]
) -> list[Component]:
    """Return the row of a kind; at Siaga 1 a row each, farthest above its bound first."""
    first = kind[0]
    is_judged = first["state"] == "active"
    is_siaga = first["severity"].startswith("siaga")
    noun, scene = SUBJECTS.get(first["subject_kind"], ("hal", ""))
    key = f"{first['rule']}:{first['severity']}:{first['state']}"

    def item(of: Sequence[Row], name: Any, amount: str | None, told: Any, **data: str) -> Component:
        waits = any(held[row["alarm_id"]].waits for row in of if row["alarm_id"] in held)
        said = html.Span(amount if is_judged else "tidak dapat dinilai", className="amount")
        return html.Li(
            [
                severity_symbol(first["severity"]),
                html.Strong(name, className="subject"),
                parts.judged(said, feeds=ALARM_FEEDS),
                told,
            ],
            className="exception" if is_judged else "exception is-unjudged",
            **{
                "data-key": of[0]["alarm_id"] if len(of) == 1 else key,
                "data-kind": key,
                "data-severity": first["severity"],
                "data-scene": scene,
                "data-waits": "yes" if waits else "no",
                **data,
            },
        )

    def named(row: Row) -> Component:
        # The symbol says the siaga too: its words have room last.
        said = _kind_name(row, rules) if is_siaga else row["title"]
        told = _sentence([said], EXCEPTIONS if is_siaga else turn)
        return item([row], wall_map.short(row["subject"]), _amount(row, rules), told)

    if len(kind) == 1:
        return [named(first)]
    if first["severity"] == "siaga1" and is_judged:
        blank = html.Span(className="rest")
        rest = item(kind, blank, "Siaga 1", None, **{"data-rest": f"{noun} lain"})
        return [*map(named, sorted(kind, key=_excess, reverse=True)), rest]
    names = [wall_map.short(row["subject"]) for row in kind]
    amount = f"{words.number(len(kind))} {noun}"
    return [item(kind, _kind_name(first, rules), amount, _sentence(names, turn))]


def _excess(row: Row) -> float:
    return (row["value"] or 0.0) - (row["bound"] or 0.0)


def _sentence(told: Sequence[str], turn: int) -> Component:
    """Return what is told in a row; its parts leave one by one, those of the last row first."""
    listed = [
        html.Span(
            f", {text}" if place else text,
            **{"data-kind": "", "data-leave": f"{5 + turn + place / 1000:.3f}"},
        )
        for place, text in enumerate(told)
    ]
    rest = html.Span(className="rest", **{"data-kind": "", "data-rest": "lain"})
    return html.Span([*listed, rest] if len(told) > 1 else listed, className="sentence")


def _kind_name(row: Row, rules: Mapping[str, Rule]) -> str:
    if row["severity"].startswith("siaga"):
        return layers.siaga_word(int(row["severity"].removeprefix("siaga")))
    rule = rules.get(row["rule"])
    return rule.name if rule else row["title"]


def _amount(row: Row, rules: Mapping[str, Rule]) -> str | None:
    if row["value"] is None:
        return None
    rule = rules.get(row["rule"])
    return words.quantity(row["value"], row["unit"] or "", rule.decimals if rule else 0)


def severity_symbol(severity: str) -> Component:
    """Return an alarm's severity by shape and fill."""
    if severity.startswith("siaga"):
        return wall_map.siaga_symbol(int(severity.removeprefix("siaga")))
    return wall_map.shape(severity)


def gates(rows: Sequence[Row]) -> Component:
    """Draw the thirteen gates from the mountains to the sea, and others at Siaga 1.

    `rows` are those of `gates_now`.
    """
    order = {
        row["station_id"]: int(row["order13"])
        for row in reference.rows("water_stations")
        if row["order13"]
    }
    listed = [row for row in rows if row["station_id"] in order or row["siaga"] == 1]
    listed.sort(key=lambda row: (order.get(row["station_id"], 99), row["name"]))
    if not listed:
        return parts.empty("Belum ada data tinggi muka air")
    return html.Ol([_gate(row) for row in listed], className="gates")


def _gate(row: Row) -> Component:
    siaga = row["siaga"] if row["level_cm"] is not None else None
    word = layers.siaga_word(siaga) if siaga else ""
    return html.Li(
        [
            html.Span(wall_map.short(row["name"]), className="gate-name"),
            wall_map.judged_siaga(
                row, [wall_map.siaga_symbol(siaga), html.Span(word, className="gate-word")]
            ),
            wall_map.level(row),
            wall_map.arrow(row["rise_cm_h"]),
        ],
        className="gate",
        **{
            "data-key": row["station_id"],
            "data-siaga": str(siaga or ""),
        },
    )


def pumps(rows: Sequence[Row]) -> list[Component]:
    """Draw how many pumps run, and what the others do; rows of `pumps_now`."""
    sums = floods.pump_sums(rows)
    if "running" not in sums:
        return [parts.empty("Belum ada data rumah pompa")]
    installed = words.number(sum(sums.values()))
    rest = [
        f"{words.number(count)} {floods.PUMP_WORDS[name]}"
        for name, count in sums.items()
        if name != "running" and count
    ]
    return [
        _figures(_figure(sums["running"], f"pompa aktif dari {installed}", PUMP_FEEDS)),
        _facts(rest),
    ]


def inundations(rows: Sequence[Row]) -> list[Component]:
    """Draw how many RT and RW are flooded, and where it is deepest; rows of `inundations_now`."""
    levels = Counter(row["area_level"] for row in rows)
    deepest: dict[str, Row] = {}
    for row in rows:
        if row["kelurahan"]:
            deepest.setdefault(row["kelurahan"], row)
    return [
        _figures(
            *(
                _figure(levels[level], f"{level.upper()} tergenang", FLOOD_FEEDS)
                for level in ("rt", "rw")
                if levels[level] or (level == "rt" and not rows)
            )
        ),
        _list(
            [
                _row(
                    name,
                    wall_map.depth_symbol(row),
                    f"Kel. {name}",
                    layers.DEPTHS[layers.depth_of(row)],
                )
                for name, row in list(deepest.items())[:FLOODED]
            ],
            "Tidak ada genangan yang dilaporkan",
        ),
    ]


def complaints(today: Row, backlog: Row, bursts: Sequence[Row]) -> list[Component]:
    """Draw what came in today, what is open and late, and where reports pile up.

    Args:
        today: Row of `complaints_today`.
        backlog: Row of `complaints_backlog`.
        bursts: Rows of `alarms_now` about kelurahan, gravest first.
    """
    usual = today["received_usual"]
    return [
        _figures(
            _figure(today["received"], "aduan hari ini", COMPLAINT_FEEDS),
            _figure(today["finished"], "selesai hari ini", COMPLAINT_FEEDS),
            _figure(backlog["open"], "belum selesai", COMPLAINT_FEEDS),
            _figure(backlog["late"], "terlambat", COMPLAINT_FEEDS),
        ),
        _facts(
            [f"biasanya {words.number(usual)} masuk sampai jam ini"] if usual is not None else []
        ),
        _list(
            [
                _row(
                    row["alarm_id"],
                    wall_map.shape("kelurahan"),
                    f"Kel. {row['subject']}",
                    "melonjak"
                    if row["value"] is None
                    else f"{words.number(row['value'])} dalam 3 jam",
                )
                for row in bursts[:BURSTS]
            ],
            "Tidak ada lonjakan",
        ),
    ]


def jams(rows: Sequence[Row]) -> list[Component]:
    """Draw how many streets stand, and the worst of them; rows of `jams_now`, worst first."""
    worst = worst_streets(rows)
    length = sum(row["length_m"] or 0 for row in rows if row["level"] >= wall_map.HEAVY) / 1000
    return [
        _figures(
            _figure(len(worst), "ruas macet atau ditutup", JAM_FEEDS),
            _figure(length, "km macet", JAM_FEEDS, decimals=1),
        ),
        _list(
            [
                _row(
                    row["street"],
                    wall_map.shape(f"jam-{row['level']}"),
                    row["street"],
                    wall_map.delay(row["delay_s"]),
                )
                for row in worst[:STREETS]
            ],
            "Tidak ada ruas yang macet",
        ),
    ]


def worst_streets(rows: Sequence[Row]) -> list[Row]:
    """Return the streets that stand or are closed, with the delay of all their jams, worst first.

    A street that is closed somewhere has no delay: None.

    Args:
        rows: Rows of `jams_now`, worst first.
    """
    heavy = [row for row in rows if row["level"] >= wall_map.HEAVY and row["street"]]
    heavy.sort(key=lambda row: str(row["street"]))
    found: list[Row] = []
    for street, jams_of in groupby(heavy, key=lambda row: row["street"]):
        parts_of = list(jams_of)
        delays = [row["delay_s"] for row in parts_of]
        found.append(
            {
                "street": street,
                "level": max(row["level"] for row in parts_of),
                "delay_s": None if None in delays else sum(delays),
            }
        )
    return sorted(found, key=lambda one: (one["delay_s"] is not None, -(one["delay_s"] or 0)))


def air(rows: Sequence[Row]) -> list[Component]:
    """Draw the worst air and how many stations stand at which category.

    `rows` are those of `layers.air_stations`.
    """
    told = [row for row in rows if row["index"] is not None]
    if not told:
        return [parts.empty("Belum ada data kualitas udara")]
    worst = max(told, key=lambda row: row["index"])
    counts = Counter(row["category"] for row in told)
    return [
        html.Div(
            [
                wall_map.ispu_symbol(worst["category"]),
                _figure(worst["index"], f"ISPU {worst['category']}", AIR_FEEDS),
            ],
            className="figure-marked",
        ),
        html.P(
            ["Terburuk: ", html.Strong(worst["name"])], className="fact", **{"data-leave": "15"}
        ),
        _facts(
            [
                f"{words.number(counts[word])} stasiun {word}"
                for word in reversed(layers.ISPU_WORDS)
                if counts[word]
            ]
        ),
    ]


def weather(rows: Sequence[Row]) -> Component:
    """Draw the BMKG warnings in force; rows of `warnings_now`."""
    return _list(
        [
            html.Li(
                [
                    html.Strong(f"BMKG: {row['headline'] or row['event']}"),
                    html.Span(f" sampai {words.clock(row['expires_at'])}", className="fact"),
                ],
                className="warning",
                **{"data-key": row["alert_id"]},
            )
            for row in rows
        ],
        "BMKG: tidak ada peringatan dini",
    )


def cameras(rows: Sequence[Row], count: Row) -> list[Component]:
    """Draw tiles for pictures of cameras, and how many cameras are live.

    Args:
        rows: Rows of `cameras_wall`.
        count: Row of `cameras_count`.
    """
    if not rows:
        return [parts.empty("Belum ada kamera yang gambarnya dapat ditampilkan")]
    live = words.number(count["live"])
    return [
        html.Ul([_camera(row) for row in rows], className="camera-tiles"),
        html.P(f"{live} hidup dari {words.number(count['proxied'])}", className="camera-count"),
    ]


def _camera(row: Row) -> Component:
    state = row["state"]
    told = None if state == "live" else layers.CAMERA_WORDS.get(state, "Belum diketahui")
    return html.Li(
        [
            html.Span(className="camera-picture"),
            html.Span(told, className="camera-word") if told else None,
            html.Span(wall_map.short(row["name"]), className="camera-name"),
        ],
        className="camera-tile",
        **{"data-key": row["camera_id"]},
    )


def _figure(
    value: float | None, label: str, feeds: Collection[str], *, decimals: int = 0
) -> Component:
    return parts.reading(value, decimals=decimals, feeds=feeds, label=label)


def _figures(*readings: Component) -> Component:
    first, *others = readings
    return html.Div(
        [
            html.Div(first, className="figure-cell"),
            *(
                html.Div(one, className="figure-cell", **{"data-leave": str(1 + turn / 10)})
                for turn, one in enumerate(others)
            ),
        ],
        className="figures",
    )


def _facts(facts: Sequence[str]) -> Component:
    return html.Ul(
        [
            html.Li(text, className="fact", **{"data-leave": str(20 + turn)})
            for turn, text in enumerate(facts)
        ],
        className="facts",
    )


def _list(items: Sequence[Component], calm: str) -> Component:
    if items:
        return html.Ol(items, className="rows")
    return html.P(calm, className="calm", **{"data-leave": "2"})


def _row(key: Any, symbol: Component, subject: str, amount: str) -> Component:
    return html.Li(
        [
            symbol,
            html.Strong(subject, className="subject"),
            html.Span(amount, className="amount"),
        ],
        className="row",
        **{"data-key": str(key)},
    )
