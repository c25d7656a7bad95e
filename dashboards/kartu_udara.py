"""The card of air and congestion as it is seen: by lag, in tenths, before and after a rule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from dash import html
from dash.development.base_component import Component

from dashboards import charts, kartu_bagian, parts
from dashboards.exports import Column, Sheet
from dashboards.kartu_bagian import NO_CAUSE, effect_text
from dashboards.panels import View
from dashboards.tables import cell, table
from data import card_air, cards, reference, series, words
from data.association import LEAST_DAYS
from data.boards import cut_of
from data.card_air import Answer, Change, Lag, Question
from data.cards import CardError
from data.lake import Lake

CARD = cards.registry()[card_air.CARD]
PARAMS = ("dari", "sampai", "stasiun", "koridor", "jeda", "tanda")
QUERIES = ("card_air_days", "card_air_hours")
UNIT = "µg/m³"
CLOUD = "var(--line-strong)"
CLOUD_NOTE = (
    "Tiap titik satu hari (+ hari hujan). ○ rata-rata tiap sepersepuluh hari menurut tundaan,"
    " ■ sesudah disesuaikan."
)


def draw_choices(view: View) -> Component:
    """Draw what chooses span, station, corridor, lag and rule."""
    params, cut = view.params, cut_of(view.as_of)
    try:
        asked: Question | None = card_air.read_question(params, cut, view.area)
    except CardError:
        asked = None
    return kartu_bagian.choices(
        *kartu_bagian.days(params, asked.span if asked else None),
        kartu_bagian.choose_grouped(
            "Udara", "stasiun", _stations(), asked.station if asked else "31"
        ),
        kartu_bagian.choose_grouped(
            "Lalu lintas", "koridor", _corridors(), asked.corridor if asked else "31"
        ),
        kartu_bagian.choose(
            "Jeda udara sesudah kemacetan",
            "jeda",
            {str(lag): _lag_word(lag) for lag in card_air.LAGS},
            str(asked.lag) if asked else "0",
        ),
        kartu_bagian.choose(
            "Sebelum dan sesudah aturan",
            "tanda",
            {
                "": "tanpa aturan",
                **{
                    mark.day.isoformat(): f"{words.day(mark.day, weekday=False)}: {mark.title}"
                    for mark in card_air.marks()
                    if mark.day < cut
                },
            },
            asked.mark.day.isoformat() if asked and asked.mark else "",
        ),
    )


def draw(lake: Lake, view: View) -> list[Component]:
    """Draw the card, or say why there is none."""
    try:
        question = card_air.read_question(view.params, cut_of(view.as_of), view.area)
    except CardError as error:
        return [kartu_bagian.refused(str(error), CARD)]
    answer = card_air.answer(lake, question)
    told = (
        f"{_station(question)}, {_corridor(question)}, jeda {_lag_word(question.lag)},"
        f" {kartu_bagian.span_text(question.span)}"
    )
    if not answer.pairs:
        return [
            kartu_bagian.heading(CARD, told, simulated=False),
            kartu_bagian.finding("Belum ada hari dengan PM2.5 dan tundaan dalam rentang ini."),
            *_foot(view, answer),
        ]
    return [
        kartu_bagian.heading(CARD, told, simulated=answer.simulated),
        _finding(answer),
        html.Div(
            [
                _block("Menurut jeda hari", _lag_note(answer), draw_lags(answer)),
                _block("Menurut jeda jam", _hour_note(answer), draw_hours(answer)),
                _block("Menurut kemacetan", CLOUD_NOTE, draw_groups(answer)),
            ],
            className="kartu-gambar",
        ),
        _before_after(answer),
        *_foot(view, answer),
    ]


def to_sheet(lake: Lake, view: View) -> Sheet:
    """Return the days of the card, one a row.

    Raises:
        CardError: The card cannot be asked so.
    """
    question = card_air.read_question(view.params, cut_of(view.as_of), view.area)
    answer = card_air.answer(lake, question)
    chosen = answer.chosen
    return Sheet(
        name=f"kartu-{CARD.id}",
        title=f"Kartu bukti: {CARD.title}",
        at=min(view.as_of.event_time, view.as_of.known_time),
        facts=(
            ("Udara", _station(question)),
            ("Lalu lintas", _corridor(question)),
            ("Jeda", f"{_lag_word(question.lag)} (udara sesudah kemacetan)"),
            ("Selisih mentah", effect_text(chosen.raw, UNIT)),
            ("Selisih disesuaikan", effect_text(chosen.adjusted, UNIT)),
            *(
                (f"Selisih disesuaikan, {lag.after} jam sesudahnya", effect_text(lag.adjusted, "%"))
                for lag in answer.hours
            ),
            ("Batasan", "; ".join(CARD.caveats)),
            ("Cara hitung", CARD.definition),
            ("Alamat", kartu_bagian.lasting(CARD, view, _fixed(question))),
        ),
        columns=(
            Column("hari udara"),
            Column("PM2.5 (µg/m³)", "number", 2),
            Column("tundaan sebelum jeda (detik)", "number", 1),
            Column("hujan"),
        ),
        rows=tuple(
            (
                pair.day.isoformat(),
                pair.pm25,
                pair.delay_s,
                None if pair.wet is None else "ya" if pair.wet else "tidak",
            )
            for pair in answer.pairs
        ),
        simulated=answer.simulated,
    )


def _finding(answer: Answer) -> Component:
    chosen = answer.chosen
    effect = chosen.adjusted
    low, high = answer.quartiles
    compared = (
        f"Hari macet: tundaan {words.number(high)} detik per lintasan (kuartil atas); hari lancar:"
        f" {words.number(low)} detik (kuartil bawah)."
    )
    if effect is None:
        text = (
            f"Belum cukup data: {words.number(len(answer.pairs))} hari, diperlukan sedikitnya"
            f" {LEAST_DAYS}."
        )
    elif effect.told:
        text = (
            f"Pada hari macet PM2.5 {'lebih tinggi' if effect.value > 0 else 'lebih rendah'}"
            f" {words.quantity(abs(effect.value), UNIT, 1)} daripada hari lancar. {NO_CAUSE}."
        )
    else:
        text = (
            "Tidak terlihat hubungan antara kemacetan dan PM2.5: rentang ketidakpastiannya mencakup"
            f" nol. {NO_CAUSE}."
        )
    adjusted_for = (
        "hujan, hari, libur, musim dan tren" if answer.rain else "hari, libur, musim dan tren"
    )
    return kartu_bagian.finding(
        text,
        html.Dl(
            [
                html.Dt("Mentah"),
                html.Dd(effect_text(chosen.raw, UNIT)),
                html.Dt("Disesuaikan"),
                html.Dd([effect_text(effect, UNIT), html.Small(f"untuk {adjusted_for}")]),
                html.Dt("Dari"),
                html.Dd(f"{words.number(effect.n if effect else len(answer.pairs))} hari"),
            ]
        ),
        html.P(
            "Tanpa penyesuaian tampak selisih; ia hilang setelah hujan dan kalender diperhitungkan."
        )
        if effect is not None and not effect.told and chosen.raw and chosen.raw.told
        else None,
        html.P(compared, className="figure-note"),
        None
        if answer.rain
        else html.P(
            "Curah hujan dari asal yang sama belum cukup: angka tidak disesuaikan untuk hujan.",
            className="figure-note",
        ),
    )


def draw_lags(answer: Answer) -> Component:
    """Draw the difference by days with its interval, raw and adjusted beside each other."""
    figure = _profile(answer.lags, "jeda udara sesudah kemacetan (hari)", UNIT)
    figure.add_vrect(
        x0=answer.question.lag - 0.4,
        x1=answer.question.lag + 0.4,
        fillcolor="var(--accent-soft)",
        line_width=0,
        layer="below",
    )
    return charts.graph(
        figure, label="Selisih PM2.5 antara hari macet dan hari lancar menurut jeda"
    )


def draw_hours(answer: Answer) -> Component:
    """Draw the difference by hours as `draw_lags` does by days."""
    if not answer.hours:
        return parts.empty("Belum cukup jam dengan PM2.5 dan tundaan")
    return charts.graph(
        _profile(answer.hours, "jeda udara sesudah kemacetan (jam)", "%"),
        label="Selisih PM2.5 sesudah jam macet menurut jeda jam",
    )


def _profile(lags: Sequence[Lag], across: str, unit: str) -> go.Figure:
    figure = kartu_bagian.plane(across, unit, 320)
    for name, color, symbol, shift, pick in (
        ("mentah", charts.QUIET, "circle-open", -0.12, lambda lag: lag.raw),
        ("disesuaikan", charts.ACCENT, "square", 0.12, lambda lag: lag.adjusted),
    ):
        told = [(lag.after, pick(lag)) for lag in lags if pick(lag) is not None]
        figure.add_trace(
            go.Scatter(
                x=[after + shift for after, _ in told],
                y=[effect.value for _, effect in told],
                error_y={
                    "type": "data",
                    "symmetric": False,
                    "array": [effect.high - effect.value for _, effect in told],
                    "arrayminus": [effect.value - effect.low for _, effect in told],
                    "color": color,
                    "thickness": 2,
                    "width": 4,
                },
                mode="markers",
                name=name,
                marker={"color": color, "symbol": symbol, "size": 9, "line": {"width": 2}},
                customdata=[effect_text(effect, unit) for _, effect in told],
                hovertemplate=f"{name}: %{{customdata}}<extra></extra>",
            )
        )
    figure.add_hline(y=0, line={"color": charts.QUIET, "width": 1})
    known = [lag.after for lag in lags]
    figure.update_xaxes(
        tickvals=known,
        ticktext=[words.number(after) if after <= 0 else f"+{after}" for after in known],
        range=[known[0] - 0.6, known[-1] + 0.6],
        showgrid=False,
    )
    return figure


def draw_groups(answer: Answer) -> Component:
    """Draw each day, and the means of tenths of them by delay, raw and adjusted."""
    figure = kartu_bagian.plane("tundaan per lintasan (detik)", f"PM2.5 ({UNIT})", 320)
    for wet, name, symbol in ((False, "hari tanpa hujan", "circle"), (True, "hari hujan", "cross")):
        inside = [pair for pair in answer.pairs if bool(pair.wet) is wet]
        figure.add_trace(
            go.Scatter(
                x=[round(pair.delay_s, 1) for pair in inside],
                y=[round(pair.pm25, 1) for pair in inside],
                text=[pair.day.isoformat() for pair in inside],
                mode="markers",
                name=name,
                opacity=0.35,
                marker={"color": CLOUD, "symbol": symbol, "size": 4},
                hovertemplate=f"%{{text}}, {name}<br>%{{x:.0f}} detik, %{{y:.1f}} {UNIT}"
                "<extra></extra>",
            )
        )
    for name, color, symbol, place in (
        ("mentah", charts.QUIET, "circle-open", 1),
        ("disesuaikan", charts.ACCENT, "square", 2),
    ):
        figure.add_trace(
            go.Scatter(
                x=[group[0] for group in answer.groups],
                y=[group[place] for group in answer.groups],
                mode="lines+markers",
                name=name,
                line={"color": color, "width": 2, "dash": "dot" if place == 1 else "solid"},
                marker={"symbol": symbol, "size": 9, "line": {"width": 2}},
                hovertemplate=f"{name}: %{{y:.1f}} {UNIT} pada %{{x:.0f}} detik<extra></extra>",
            )
        )
    if answer.pairs:
        told = sorted(pair.delay_s for pair in answer.pairs)
        figure.update_xaxes(range=[0.9 * told[0], 1.05 * told[int(0.995 * (len(told) - 1))]])
    return charts.graph(figure, label="PM2.5 menurut tundaan, hari demi hari")


def _before_after(answer: Answer) -> Component:
    mark = answer.question.mark
    if mark is None:
        return html.Section(
            [
                html.H4("Sebelum dan sesudah aturan"),
                html.P(
                    "Pilih tanggal sebuah aturan di atas untuk membandingkan setahun sebelum dan"
                    " sesudahnya. Tanpa tanggal aturan kartu ini tidak mengatakan apa pun tentang"
                    " sebab.",
                    className="figure-note",
                ),
            ],
            className="kartu-aturan",
        )
    return html.Section(
        [
            html.H4(f"Sebelum dan sesudah {words.day(mark.day, weekday=False)}: {mark.title}"),
            table(
                ["Yang diukur", "Perubahan (rentang 95 %)", "Dibaca sebagai"],
                [_change(change) for change in answer.changes],
            ),
            html.P(
                "Perubahan tingkat pada tanggal itu menurut rata-rata per pekan, paling lama"
                " setahun sebelum dan sesudahnya dan tidak melewati aturan lain, setelah tren,"
                " musim, libur dan hujan. Hal lain yang berubah pada waktu yang sama tidak dapat"
                f" dipisahkan. Sumber: {mark.source}.",
                className="figure-note",
            ),
        ],
        className="kartu-aturan",
    )


def _change(change: Change) -> Component:
    if change.effect is None:
        read = "belum cukup pekan tercatat sebelum atau sesudahnya"
    elif change.effect.told:
        moved = "naik" if change.effect.value > 0 else "turun"
        read = f"{moved} bersamaan dengan berlakunya aturan, di luar variasi wajar"
    else:
        read = "relatif tetap: masih dalam variasi wajar"
    return html.Tr(
        [
            cell("Yang diukur", change.name),
            cell(
                "Perubahan (rentang 95 %)",
                effect_text(change.effect, change.unit, change.decimals),
                "is-number",
            ),
            cell("Dibaca sebagai", read),
        ]
    )


def _lag_note(answer: Answer) -> str:
    before = [lag.adjusted for lag in answer.lags if lag.after < 0]
    # One of three is told by chance now and then.
    if sum(effect is not None and effect.told for effect in before) > 1:
        return (
            "Selisih PM2.5 hari macet terhadap hari lancar. Hubungan juga terlihat pada jeda"
            " negatif, ketika udara mendahului kemacetan: tanda sebab bersama."
        )
    return (
        "Selisih PM2.5 hari macet terhadap hari lancar; ○ mentah, ■ disesuaikan, dengan rentang"
        " 95 %. Pada jeda negatif udara mendahului kemacetan."
    )


def _hour_note(answer: Answer) -> str:
    told = [lag.adjusted for lag in answer.hours if lag.adjusted is not None]
    if not told:
        hours = words.number(24 * LEAST_DAYS)
        return f"Diperlukan sedikitnya {hours} jam dengan udara dan kemacetan yang tercatat."
    beyond = sum(effect.told for effect in told)
    return (
        "Selisih PM2.5 sesudah satu jam yang tundaannya lebih besar, sebanyak beda hari macet dan"
        " hari lancar; disesuaikan juga untuk jam, dan untuk hujan per jam bila tercatat. Dari"
        f" {words.quantity(told[0].n, 'jam')} terakhir. Rentang yang tidak mencakup nol:"
        f" {beyond} dari {len(told)} jeda; satu bisa karena kebetulan, dan jam yang berurutan"
        " mirip satu sama lain."
    )


def _block(title: str, note: str, figure: Component) -> Component:
    return html.Section([html.H4(title), html.P(note, className="figure-note"), figure])


def _foot(view: View, answer: Answer) -> list[Component]:
    return kartu_bagian.foot(CARD, view, answer.inputs, _fixed(answer.question))


def _fixed(question: Question) -> Mapping[str, str]:
    """Return the choices that were not made, as they were taken."""
    return {
        "dari": question.span.since.isoformat(),
        "sampai": question.span.last.isoformat(),
        "stasiun": question.station,
        "koridor": question.corridor,
        "jeda": str(question.lag),
    }


def _stations() -> list[tuple[str, Mapping[str, str]]]:
    known = series.places("air")
    kinds = {row["station_id"]: row["kind"] for row in reference.rows("air_stations")}
    acting = {code: name for code, name in known.items() if kinds.get(code) == "reference"}
    others = {code: name for code, name in known.items() if kinds.get(code, "") != "reference"}
    others.pop("31")
    return [
        ("", {"31": "Rata-rata stasiun acuan"}),
        ("Stasiun acuan", acting),
        ("Sensor", dict(sorted(others.items(), key=lambda pair: pair[1]))),
    ]


def _corridors() -> list[tuple[str, Mapping[str, str]]]:
    known = series.places("corridor")
    kota = {code: name for code, name in known.items() if code.startswith("31.")}
    roads = {code: name for code, name in known.items() if code != "31" and code not in kota}
    return [
        ("", {"31": "Semua koridor"}),
        ("Kota", kota),
        ("Koridor", dict(sorted(roads.items(), key=lambda pair: pair[1]))),
    ]


def _station(question: Question) -> str:
    if question.station == "31":
        return "PM2.5 rata-rata stasiun acuan"
    return f"PM2.5 {series.places('air')[question.station]}"


def _corridor(question: Question) -> str:
    if question.corridor == "31":
        return "tundaan semua koridor"
    return f"tundaan {series.places('corridor')[question.corridor]}"


def _lag_word(lag: int) -> str:
    if lag == 0:
        return "hari yang sama"
    if lag > 0:
        return f"+{lag} hari"
    return f"{words.number(lag)} hari (udara lebih dulu)"
