"""Metodologi: how the rankings are computed, and what they can and cannot tell.

URL    /peringkat/metodologi?tingkat=kelurahan&sejak=2025-11-22&sampai=2026-11-21&kategori=&kanal=
Reads  unit_scores, rule_values, flood_days, cohort_times, cohort_months, cohort_stints,
       complaint_years, stints_begin, and what was published (complaint_published_totals.csv)

Each part is a panel of its own, so that the page stands at once and the heavy parts follow. All of
it speaks of the board that the address asks for, cut at midnight as the ranking itself is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from dashboards import boards_kept, boards_words, method_figures, parts
from dashboards.access import EVERYONE
from dashboards.boards_tools import PARAMS, address, read_question
from dashboards.complaint_search import DAILY
from dashboards.panels import Body, Panel, View, panel_slot
from dashboards.site import Site
from dashboards.tables import cell, table
from data import board_sentences, boards, queries, words
from data.board_sentences import LEVELS
from data.boards import Board, QuestionError
from data.lake import Lake
from data.metrics import Rule, metrics, rules
from data.publications import Frozen
from data.queries import Row
from data.ranking import DRAWS, FEWEST
from data.recounts import Recount, Way, recount

PATH = "/peringkat/metodologi"
BOARD_PATH = "/peringkat"
ROLES = EVERYONE - {"publik"}
BOARD_QUERIES = ("unit_scores", "rule_values", "flood_days")
COHORT_DAYS, MONTH_DAYS = 730, 395
WEEK_DAYS = 7
# Two a day, every day of a month: more than a citizen who walks his quarter with open eyes sends.
MANY_A_MONTH = 60
PUBLISHED_SINCE, PUBLISHED_UNTIL = date(2020, 1, 1), date(2025, 1, 1)


def mount(site: Site) -> None:
    """Put the page and its panels on the site."""
    panels = _panels(site)
    site.panels(*panels)

    def layout(**_query: Any) -> Component:
        return html.Main(
            [
                html.H1("Metodologi peringkat", className="visually-hidden"),
                *(panel_slot(panel, class_name="wide method-panel") for panel in panels),
            ],
            className="page page-grid method-page",
        )

    site.page(
        __name__,
        path=PATH,
        title="Metodologi",
        icon="rank",
        order=71,
        roles=ROLES,
        layout=layout,
        listed=False,
    )


def draw_text(params: Mapping[str, str], board: Board) -> Component:
    """Draw how a board is computed, in words with the formula beside."""
    return html.Div(
        [
            _choices(params, board),
            html.Div(
                [_step(*step) for step in _steps(board)],
                className="method-steps",
            ),
            html.H3("Aturan yang menilai"),
            html.P(
                "Laporan dinilai dengan aturan pada hari masuknya; laporan sebelum aturan pertama"
                " tidak dapat dinilai dan dihitung tersendiri."
            ),
            table(
                ["Berlaku", "Aturan", "Tanggapi", "Serahkan", "Selesaikan", "Sumber"],
                [_rule_row(rule, rule in board.rules) for rule in rules()],
            ),
        ]
    )


def draw_metrics() -> Component:
    """Draw the registry of metrics."""
    return table(
        ["Kode", "Nama", "Cara hitung", "Jangan dibaca sebagai", "Kueri"],
        [
            html.Tr(
                [
                    html.Th(metric.code, scope="row"),
                    cell("Nama", html.Strong(metric.name)),
                    cell("Cara hitung", f"{metric.definition} ({metric.unit})"),
                    cell("Jangan dibaca sebagai", metric.guard),
                    cell("Kueri", html.Code(f"{metric.query}.{metric.value} v{metric.version}")),
                ]
            )
            for metric in metrics().values()
        ],
    )


def draw_proof(frozen: Frozen) -> Component:
    """Draw what somebody else needs to compute a board again and compare."""
    board = frozen.board
    query = urlencode(address(board.question))
    texts = {name: queries.sql(name) for name in BOARD_QUERIES}
    return html.Div(
        [
            html.Dl(
                [
                    *_fact("Data per", boards_words.as_of(board)),
                    *_fact(
                        "Laporan masuk",
                        words.period(board.question.since, board.question.until),
                    ),
                    *_fact("Aturan", boards_words.rules(board)),
                    *_fact(
                        "Versi metrik",
                        ", ".join(
                            f"{code} v{metrics()[code].version}" for code in ("M3", "A1", "A2")
                        ),
                    ),
                    *_fact(
                        "Kueri",
                        html.Ul(
                            [
                                html.Li(
                                    [
                                        html.Code(f"{name}.sql"),
                                        " sha256 ",
                                        html.Code(sha256(text.encode()).hexdigest()[:16]),
                                    ]
                                )
                                for name, text in texts.items()
                            ]
                        ),
                    ),
                    *_fact(
                        "Sidik jari baris",
                        html.Code(boards_words.sheet(frozen).fingerprint),
                    ),
                ],
                className="rank-facts",
            ),
            html.P(
                "Dengan data, kueri, dan aturan yang sama hasilnya sama sampai angka terakhir:"
                " undian diacak dari isi datanya, bukan dari nama atau urutan unit. Sidik jari"
                " adalah sha256 dari baris unduhan CSV peringkat ini."
            ),
            html.Div(
                [
                    html.A(
                        "Buka peringkat ini",
                        href=f"{BOARD_PATH}?{query}",
                        className="button",
                        **{"data-act": "visit"},
                    ),
                    html.Button(
                        "Lihat SQL-nya",
                        type="button",
                        className="button",
                        **{"data-act": "how", "data-panel": "method-proof"},
                    ),
                ],
                className="rank-tools",
            ),
        ]
    )


def _panels(site: Site) -> list[Panel]:
    def on_board(draw: Callable[[View, Board], Body]) -> Callable[[Lake, View], Body]:
        return lambda _lake, view: _with_board(site, view, draw)

    def cut(view: View) -> date:
        return boards.cut_of(view.as_of)

    def times(lake: Lake, view: View) -> list[Row]:
        since = _told(lake, _begin_of_quarter(cut(view) - timedelta(days=COHORT_DAYS)))
        return queries.cohort_times(lake, since=since, cut=cut(view))

    def months(lake: Lake, view: View) -> list[Row]:
        since = _told(lake, (cut(view) - timedelta(days=MONTH_DAYS)).replace(day=1))
        return queries.cohort_months(lake, since=since, cut=cut(view))

    def years(lake: Lake, view: View) -> list[Row]:
        return queries.complaint_years(
            lake, since=PUBLISHED_SINCE, until=PUBLISHED_UNTIL, cut=cut(view)
        )

    def funnel_rows(_lake: Lake, view: View) -> list[Row]:
        found = _board(site, view)
        return [] if isinstance(found, QuestionError) else method_figures.funnel_rows(found)

    def draw_stability(lake: Lake, view: View) -> Body:
        def draw(view: View, board: Board) -> Body:
            if not board.kappa:
                return parts.empty("Belum ada unit dengan cukup data pada periode ini")
            found = method_figures.draw_stability(*_recounts(site, lake, view, board))
            note = html.P(
                "Bila banyak unit keluar, urutan lebih ditentukan cara menghitung daripada kinerja;"
                " karena itu yang ditampilkan tingkat dan rentang, bukan nomor urut."
            )
            return _marked(board, html.Div([note, found]))

        return _with_board(site, view, draw)

    def stability_rows(lake: Lake, view: View) -> list[Row]:
        found = _board(site, view)
        if isinstance(found, QuestionError) or not found.kappa:
            return []
        return method_figures.stability_rows(*_recounts(site, lake, view, found))

    def draw(rows: Sequence[Row], body: Component, *said: Component | None) -> Component:
        simulated = any(row["simulated"] for row in rows)
        return html.Div([parts.simulated_mark() if simulated else None, body, *said])

    def draw_times(lake: Lake, view: View) -> Component:
        rows = times(lake, view)
        return draw(
            rows, method_figures.draw_maturity(rows, cut(view)), _began(lake, rows, "quarter")
        )

    def draw_years(lake: Lake, view: View) -> Component:
        rows = years(lake, view)
        found = method_figures.published(rows, cut(view))
        return draw(rows, method_figures.draw_published(found))

    def years_rows(lake: Lake, view: View) -> list[Row]:
        return method_figures.published_rows(method_figures.published(years(lake, view), cut(view)))

    def draw_months(lake: Lake, view: View) -> Component:
        rows = months(lake, view)
        return draw(rows, method_figures.draw_formulas(rows), _began(lake, rows, "month"))

    return [
        _panel(
            "method-text",
            "Bagaimana peringkat dihitung",
            on_board(lambda view, board: draw_text(view.params, board)),
            "Penjelasan tiap langkah dengan angka dari peringkat yang dipilih.",
            BOARD_QUERIES,
        ),
        _panel(
            "method-funnel",
            "Diagram corong: siapa yang berbeda lebih dari kebetulan",
            on_board(lambda _view, board: _marked(board, method_figures.draw_funnel(board))),
            "Tepat waktu di tangan sendiri, disetarakan dengan campuran laporan kota, terhadap"
            " banyaknya penanganan. Batas binomial eksak 95 % dan 99,8 %, direntangkan dengan akar"
            " faktor keragaman berlebih (efek desain peringkat ini; Spiegelhalter 2005).",
            BOARD_QUERIES,
            rows=funnel_rows,
        ),
        _panel(
            "method-units",
            "Unit pada diagram corong",
            on_board(lambda _view, board: _marked(board, method_figures.draw_funnel_table(board))),
            "Unit yang sama sebagai tabel: yang di luar batas lebih dulu, lalu menurut nama.",
            BOARD_QUERIES,
            rows=funnel_rows,
        ),
        _panel(
            "method-maturity",
            "Kurva kematangan: berapa lama sampai selesai",
            draw_times,
            "Kaplan–Meier per triwulan masuk: dari masuk sampai selesai atau ditolak; yang masih"
            " terbuka ikut sebagai amatan tersensor dengan umurnya.",
            ("cohort_times", "stints_begin"),
            rows=lambda lake, view: method_figures.cohort_rows(times(lake, view)),
        ),
        _panel(
            "method-formulas",
            "Tiga rumus tepat waktu",
            draw_months,
            "Dari masuk sampai selesai menurut aturan hari masuk, siapa pun pemegangnya. Rumus"
            " pertama tepat waktu ÷ selesai, kedua ÷ semua yang masuk, ketiga ÷ yang sudah jatuh"
            " tempo.",
            ("cohort_months", "stints_begin"),
            rows=lambda lake, view: method_figures.formula_rows(months(lake, view)),
        ),
        _panel(
            "method-stability",
            "Uji kestabilan: berapa unit tetap teratas bila cara menghitungnya diubah",
            draw_stability,
            "Tiap cara mengubah satu hal. Urutan menurut jarak logit dari harapan, disusutkan"
            " dengan κ peringkat ini; tanpa tingkat induk dan kemiripan antarhari, di semua cara"
            " sama. Siapa pelapornya tidak pernah keluar dari kueri.",
            ("cohort_stints",),
            rows=stability_rows,
        ),
        _panel(
            "method-published",
            "Angka yang pernah diterbitkan, dihitung ulang",
            draw_years,
            "Laporan menurut bulan masuk dan kategori saat masuk; selesai adalah status Selesai"
            " sampai data per.",
            ("complaint_years",),
            rows=years_rows,
        ),
        _panel(
            "method-proof",
            "Dapat dihitung ulang",
            on_board(
                lambda _view, board: _marked(board, draw_proof(boards_kept.frozen(site, board)))
            ),
            "Keterangan yang menentukan peringkat ini sampai angka terakhir.",
            BOARD_QUERIES,
        ),
        _panel(
            "method-metrics",
            "Daftar metrik",
            lambda _lake, _view: draw_metrics(),
            "Setiap angka tentang pengaduan berasal dari satu kueri yang terdaftar di sini.",
            (),
        ),
    ]


def _recounts(
    site: Site, lake: Lake, view: View, board: Board
) -> tuple[dict[str, Recount], dict[str, str]]:
    """Return what other ways of counting change on a board, and the names of its units."""
    stints = queries.cohort_stints(
        lake,
        board.question.level,
        flood_days=board.flood_days,
        excluded=boards_kept.excluded(site, view.as_of),
        most=MANY_A_MONTH,
        **boards_kept.period(view.as_of, board.question),
    )
    after = (boards.cut_of(view.as_of) - board.question.until).days - 1
    ways = {
        "tanpa pekan terakhir": Way(last_days=after + WEEK_DAYS),
        f"tanpa pelapor dengan lebih dari {MANY_A_MONTH} laporan sebulan": Way(without_many=True),
        **{
            f"semua dengan {boards_words.rule(rule)}": Way(rule=rule)
            for rule in rules()
            if board.rules != (rule,)
        },
    }
    found = recount(stints, ways, kappa=board.kappa or 0.0, apart=boards.APART)
    return found, {unit.unit: unit.name for unit in board.units}


def _panel(
    name: str,
    title: str,
    render: Callable[[Lake, View], Body],
    how: str,
    asked: tuple[str, ...],
    rows: Callable[[Lake, View], list[Row]] | None = None,
) -> Panel:
    return Panel(name, title, DAILY, ROLES, render, how, queries=asked, rows=rows, params=PARAMS)


def _board(site: Site, view: View) -> Board | QuestionError:
    try:
        question = read_question(view.params, boards.cut_of(view.as_of))
        return boards_kept.board(site, view.as_of, question)
    except QuestionError as error:
        return error


def _with_board(site: Site, view: View, draw: Callable[[View, Board], Body]) -> Body:
    found = _board(site, view)
    if isinstance(found, QuestionError):
        return html.Div(
            [
                html.P(str(found), className="note-title"),
                html.A(
                    "Metodologi dengan periode bawaan",
                    href=PATH,
                    className="button",
                    **{"data-act": "visit"},
                ),
            ],
            className="note",
            role="alert",
        )
    return draw(view, found)


def _marked(board: Board, body: Component) -> Component:
    return html.Div([parts.simulated_mark() if board.simulated else None, body])


def _choices(params: Mapping[str, str], board: Board) -> Component:
    level = params.get("tingkat", "kelurahan")
    return html.Div(
        [
            html.Div(
                [
                    html.Button(
                        heading,
                        type="button",
                        **{
                            "data-act": "go",
                            "data-name": "tingkat",
                            "data-value": name,
                            "aria-pressed": "true" if name == level else "false",
                        },
                    )
                    for name, _, heading in LEVELS.values()
                ],
                className="rank-tabs",
                role="group",
                **{"aria-label": "Tingkat"},
            ),
            html.P(
                [
                    f"{board_sentences.title(board)}. Data per {boards_words.as_of(board)}. ",
                    html.A(
                        "Kembali ke peringkat",
                        href=f"{BOARD_PATH}?{urlencode(address(board.question))}",
                        **{"data-act": "visit"},
                    ),
                ],
                className="method-of",
            ),
            parts.simulated_mark() if board.simulated else None,
        ],
        className="method-choices",
    )


def _steps(board: Board) -> list[tuple[str, Sequence[Any], str]]:
    """Return title, paragraphs and formula of each step of the computation."""
    on_time, held, by_rule = metrics()["M3"], metrics()["M4"], metrics()["A1"]
    sums = boards_words.totals(board.units)
    return [
        (
            "1. Dua angka, bukan satu",
            [
                f"{by_rule.name}: {by_rule.definition}. Inilah yang diikuti pembayaran tunjangan,"
                " dan tidak disesuaikan.",
                "Tingkat kinerja di sebelahnya menjawab pertanyaan lain: apakah unit ini lebih"
                " cepat daripada kota dengan laporan yang sama, pada waktu yang benar-benar ada di"
                " tangannya?",
            ],
            f"{words.number(sums.rule_due)} laporan jatuh tempo menurut aturan\n"
            f"{words.number(sums.n)} penanganan jatuh tempo di tangan unit",
        ),
        (
            "2. Satuan hitung",
            [
                "Kejadian: laporan pertama bersama laporan gabungannya, yaitu kategori yang sama,"
                " paling jauh 50 meter, paling lama 3 jam sesudahnya. Laporan gabungan tetap"
                " terlihat tetapi dihitung sekali, sehingga ramai dilaporkan tidak menjadi beban"
                " ganda.",
            ],
            "kejadian = {laporan: kategori sama,\n  jarak ≤ 50 m, jeda ≤ 3 jam}",
        ),
        (
            "3. Di tangan siapa",
            [
                f"{held.name}: {held.definition}. Catatan status menentukan kapan sebuah unit"
                " menerima laporan dan kapan menyerahkannya. Terlambat di tangan unit lain tidak"
                " membebani unit ini.",
                "Penanganan yang berakhir dengan penyerahan tepat waktu bila diserahkan dalam batas"
                " koordinasi; yang lain bila selesai dalam batas penyelesaian. Yang masih berjalan"
                " melewati batas dihitung terlambat.",
            ],
            f"{on_time.name} =\n  tepat waktu ÷\n  (tepat waktu + terlambat\n   + berjalan melewati"
            " batas)",
        ),
        (
            "4. Campuran laporan",
            [
                "Kelurahan dengan banyak laporan sulit tidak dibandingkan apa adanya. Untuk setiap"
                " laporan diambil bagian tepat waktu seluruh kota pada jenis yang sama: kategori,"
                " titik dari perangkat pelapor, jam dan hari, hari banjir. Jumlahnya adalah yang"
                " diharapkan dari kota dengan laporan unit itu.",
                _flood_words(board),
            ],
            "harapan = Σ p(jenis laporan)\np ditarik ke kategorinya\n  seberat 20 laporan",
        ),
        (
            "5. Penyusutan",
            [
                "Sembilan dari sembilan tepat waktu belum berarti 100 %. Bagian tepat waktu tiap"
                " unit ditarik ke yang diharapkan darinya, lebih kuat bila laporannya sedikit"
                " (Beta-Binomial, empirical Bayes), dan ke induknya bila ada.",
                "Laporan yang berdekatan harinya di satu unit bernasib mirip, sehingga dihitung"
                " lebih ringan (ukuran efektif, ρ).",
            ],
            "θ ~ Beta(κ m, κ (1 − m))\nlogit m = logit(harapan ÷ n) + u\n"
            f"κ = {words.number(board.kappa, 0)}   τ = {words.number(board.tau, 2)}"
            f"   ρ = {words.number(board.correlation, 4)}",
        ),
        (
            "6. Rentang peringkat 90 %",
            [
                f"Dari {words.number(DRAWS)} undian nilai yang mungkin dihitung peringkatnya"
                " masing-masing; rentang memuat sedekat mungkin dengan 90 % di antaranya. Dua unit"
                " yang rentangnya beririsan tidak dapat dibedakan, karena itu tidak ada nomor urut"
                " tanpa rentang.",
                "Diukur pada data simulasi, rentang memuat peringkat sebenarnya 87–93 % kali untuk"
                " kelurahan dan kecamatan. Pada papan sekecil lima kota itu kerap tidak mungkin:"
                " satu peringkat saja sudah memuat lebih (posisinya hampir pasti), atau tanpa satu"
                " peringkat lagi rentangnya jauh kurang. Peluang di luar 87–93 % karena itu ditulis"
                " di belakang rentangnya, misalnya 1 dari 5 (98 %); untuk kota rata-ratanya meleset"
                " paling banyak 5 poin dari yang terjadi.",
            ],
            "peringkat menurut\nlogit(θ) − logit(harapan ÷ n)",
        ),
        (
            "7. Tingkat",
            [
                f"{boards_words.TIERS['lebih_baik']} bila peluangnya di atas 95 %;"
                f" {boards_words.TIERS['perlu_dibantu'].lower()} bila di bawah 5 %; selebihnya"
                f" {boards_words.TIERS['setara'].lower()}. Di bawah {FEWEST} penanganan:"
                f" {boards_words.TIERS['belum_cukup_data'].lower()}.",
                "Kepulauan Seribu ditampilkan, tidak diperingkat: laporannya terlalu sedikit."
                " Sanggahan yang diterima mengeluarkan penanganan itu dari tingkat, tidak dari"
                " nilai menurut aturan.",
            ],
            "P(lebih baik dari kota) > 0,95\nP(lebih baik dari kota) < 0,05",
        ),
        (
            "8. Yang tidak dapat dikatakan",
            [
                "Peringkat menilai kecepatan, bukan mutu pekerjaan; lolos verifikasi dan kepuasan"
                " pelapor tidak ikut dihitung. Banyaknya laporan tidak pernah menaikkan atau"
                " menurunkan tingkat. Periode pendek tidak membedakan apa pun: bawaannya 12 bulan"
                " untuk kelurahan, 3 bulan untuk yang lain.",
            ],
            "hanya kantor disebut,\nbukan orang",
        ),
    ]


def _flood_words(board: Board) -> str:
    days = [words.day(day, weekday=False) for day in board.flood_days]
    if not days:
        return "Pada periode ini tidak ada hari banjir (pintu air sungai mencapai Siaga 2)."
    shown = ", ".join(days[-6:])
    more = f" dan {words.number(len(days) - 6)} hari sebelumnya" if len(days) > 6 else ""
    return (
        f"Hari banjir, saat pintu air sungai mencapai Siaga 2, pada periode ini: {shown}{more}."
        " Laporan hari itu dibandingkan sesamanya."
    )


def _step(title: str, paragraphs: Sequence[Any], formula: str) -> Component:
    return html.Section(
        [
            html.H3(title),
            html.Div([html.P(text) for text in paragraphs]),
            html.Pre(formula, className="method-formula"),
        ],
        className="method-step",
    )


def _rule_row(rule: Rule, judges: bool) -> Component:
    until = "sekarang" if rule.valid_to is None else words.day(rule.valid_to, weekday=False)
    return html.Tr(
        [
            html.Th(f"{words.day(rule.valid_from, weekday=False)} – {until}", scope="row"),
            cell(
                "Aturan",
                [
                    rule.name.split(":")[0] if rule.name.startswith("SE ") else "tanpa nomor surat",
                    html.Strong(" · menilai periode ini") if judges else None,
                ],
            ),
            cell("Tanggapi", _within(rule.respond_h), "number"),
            cell("Serahkan", _within(rule.coordinate_h), "number"),
            cell("Selesaikan", _within(rule.resolve_h), "number"),
            cell("Sumber", rule.source),
        ],
        className="is-chosen" if judges else "",
    )


def _within(hours: int | None) -> str:
    return words.NOTHING if hours is None else f"≤ {boards_words.hours(hours)}"


def _fact(name: str, value: Any) -> tuple[Component, Component]:
    return html.Dt(name), html.Dd(value)


def _told(lake: Lake, since: date) -> date:
    """Return the first day from `since` on of which every complaint is told."""
    return max(since, queries.complaints_told_from(lake) or since)


def _began(lake: Lake, rows: Sequence[Row], span: str) -> Component | None:
    """Say from which day on the first span counts; None where that is its first day."""
    told = queries.complaints_told_from(lake)
    if not rows or told is None or told <= rows[0][span]:
        return None
    return html.P(
        f"Semua laporan tercatat sejak {words.day(told, weekday=False)}; yang masuk sebelumnya"
        " tidak dihitung.",
        className="rank-note",
    )


def _begin_of_quarter(day: date) -> date:
    return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
