"""One complaint: what it is, who had it for how long, its photos, and what else happened near it.

URL    /pengaduan/<nomor>                           the page; ?pada= and ?seperti= as everywhere
       /pengaduan/<nomor>/foto/<which>.jpg          a stripped photo, "sebelum" or "sesudah"
Reads  complaint_one, complaint_one_log, complaint_one_incident, complaint_one_spot,
       complaint_one_near, complaint_one_photos, and the layers of the map

Nothing of the reporter is on it, nor ever asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from dash import html
from dash.development.base_component import Component
from flask import Response, abort, send_file

from dashboards import boards_words, complaint_case, layers, maps, parts, spots
from dashboards.complaint_case import NUMBER, Case
from dashboards.complaint_layers import ONE
from dashboards.complaint_search import FEEDS, PATH, ROLES
from dashboards.complaint_words import due_word, office, status_word
from dashboards.maps import swatch
from dashboards.panels import Panel, View, panel_slot
from dashboards.site import Site
from dashboards.tables import cell, table
from data import queries, words
from data.handling import Deadline, Handling, Stint
from data.lake import Lake
from data.photos import AFTER, BEFORE, WHICH
from data.queries import Row

MAP = "laporan-peta"
PHOTO = f"{PATH}/<nomor>/foto/<which>.jpg"
MAP_LAYERS = (ONE, replace(layers.CAMERAS, shown=False), replace(layers.GATES, shown=False))
ENDINGS = {"handed": "diserahkan", "finished": "selesai", "rejected": "ditolak"}
SIDES = {BEFORE: "Sebelum", AFTER: "Sesudah"}
# What became of a photo (data/tables.py), where it is not here.
PHOTO_STATES = {
    "stored": "sudah dihapus: masa simpannya lewat",
    "refused": "sumber menolak memberikannya",
    "unreachable": "sumber belum dapat dihubungi",
    "too_large": "berkasnya terlalu besar",
    "unreadable": "berkasnya bukan gambar",
}
PHOTO_SECONDS = 3600


def mount(site: Site) -> None:
    """Put the panels of the page and the photos on the site."""
    site.panels(*_panels(site))

    def photo(nomor: str, which: str) -> Response:
        path = site.photos.path(nomor, which) if which in WHICH else None
        if path is None:
            abort(404)
        response = send_file(path.resolve(), mimetype="image/jpeg", max_age=PHOTO_SECONDS)
        response.headers["Cache-Control"] = f"private, max-age={PHOTO_SECONDS}"
        return response

    site.route(PHOTO, photo, roles=ROLES)


def layout(site: Site, nomor: str) -> Component:
    """Return the page of the complaint with that number, known or not."""
    head, history, photos, near = (
        panel_slot(site.shown[name], class_name=name)
        for name in ("laporan-kepala", "laporan-riwayat", "laporan-foto", "laporan-sekitar")
    )
    return html.Main(
        [
            html.P(
                [
                    html.A("Pengaduan", href=PATH, **{"data-act": "visit"}),
                    " › ",
                    html.Code(nomor[: complaint_case.LONGEST_NUMBER]),
                ],
                className="breadcrumb",
            ),
            html.H1(
                f"Laporan {nomor[: complaint_case.LONGEST_NUMBER]}", className="visually-hidden"
            ),
            html.Div([head, history], className="complaint-main"),
            html.Div(
                [
                    html.Section(
                        maps.map_view(site, MAP_LAYERS, id=MAP),
                        className="complaint-map",
                        **{"aria-label": "Peta tempat laporan"},
                    ),
                    photos,
                    near,
                ],
                className="complaint-side",
            ),
        ],
        className="complaints complaint-one",
    )


def header(case: Case, now: datetime, crm: str = "") -> Component:
    """Draw what a complaint is, and until when it is due.

    Args:
        case: The complaint.
        now: The moment that is looked at, aware.
        crm: Address of a complaint in the CRM with `{id}`; empty for none.
    """
    row = case.row
    place = " · ".join(
        part
        for part in (
            f"Kel. {row['kelurahan']}" if row["kelurahan"] else "di luar wilayah",
            f"Kec. {row['kecamatan']}" if row["kecamatan"] else "",
        )
        if part
    )
    told = [
        ("Status", [html.Strong(status_word(row["status"])), f" · {office(row['agency'])}"]),
        ("Masuk", [words.moment(row["created_at"]), f" · {row['channel'] or 'tanpa kanal'}"]),
        ("Tempat", [place, html.Br(), row["address"] or "tempat tidak disebut", _point(case)]),
        ("Aturan", _rule(row)),
        ("Batas waktu", _deadline(case.deadline, row, now)),
        (
            "Estimasi sumber",
            [
                words.moment(row["expected_at"]) if row["expected_at"] else "tidak disebut",
                html.Small(" ditampilkan, tidak dipakai menilai"),
            ],
        ),
        ("Verifikasi", row["verification"] or "tidak tersedia"),
        (
            "Penilaian pelapor",
            "tidak tersedia"
            if row["rating"] is None
            else f"{words.number(row['rating'], 1)} dari 5",
        ),
    ]
    if row["reopened"]:
        told.insert(1, ("Dibuka kembali", f"{words.number(row['reopened'])} kali"))
    shape, word, note = due_word(row, now)
    return html.Div(
        [
            html.P(
                [
                    html.Span(row["category"] or "Tanpa kategori", className="complaint-title"),
                    html.Span(
                        [swatch(shape, "--map-ink"), html.Strong(word), f" {note}"],
                        className="due",
                    ),
                ],
                className="complaint-heading",
            ),
            html.Span(**{"data-complaint-at": f"{case.at[0]:.6f},{case.at[1]:.6f}"})
            if case.at
            else None,
            html.Blockquote(row["text"] or "Sumber tidak menyertakan isi laporan."),
            html.Dl(
                [part for name, value in told for part in (html.Dt(name), html.Dd(value))],
                className="facts",
            ),
            html.P(
                html.A(
                    "Buka di CRM",
                    href=crm.format(id=case.complaint_id),
                    rel="noreferrer",
                    target="_blank",
                )
            )
            if crm
            else None,
        ]
    )


def history(case: Case, now: datetime) -> Component:
    """Draw the way of a complaint through the offices, and who had it for how long.

    Args:
        case: The complaint.
        now: The moment that is looked at, aware.
    """
    if not case.log:
        return parts.empty(
            "Sumber tidak menyertakan riwayat status",
            "Waktu di tangan tiap unit tidak dapat dihitung.",
        )
    way = case.handling
    if not way.stints:
        return parts.empty(
            "Riwayat status tidak menyebut perangkat daerah",
            "Waktu di tangan tiap unit tidak dapat dihitung.",
        )
    return html.Div(
        [
            _summary(way, now),
            html.Ol([_stint(stint, now) for stint in way.stints], className="way"),
            _ignored(way),
            _before_intake(case),
        ]
    )


def photo_pair(case: Case, stored: Sequence[str], states: dict[str, Row]) -> Component:
    """Draw the photos of before and after, one over the other, or why there are none.

    Args:
        case: The complaint.
        stored: Which of `data.photos.WHICH` are here.
        states: Rows of the query `complaint_one_photos`, by which.
    """
    address = f"{PATH}/{case.complaint_id}/foto"
    if len(stored) == len(WHICH):
        return html.Div(
            [
                html.Div(
                    [
                        html.Img(src=f"{address}/{AFTER}.jpg", alt="Foto sesudah ditindaklanjuti"),
                        html.Img(
                            src=f"{address}/{BEFORE}.jpg",
                            alt="Foto sebelum ditindaklanjuti",
                            className="pair-before",
                        ),
                        html.Span("Sebelum", className="pair-word"),
                        html.Span("Sesudah", className="pair-word is-after"),
                    ],
                    className="pair-images",
                ),
                parts.Input(
                    type="range",
                    value="50",
                    className="pair-slide",
                    **{"aria-label": "Geser antara foto sebelum dan sesudah"},
                ),
                html.P(
                    "Salinan tanpa metadata; hanya untuk petugas yang berwenang.",
                    className="figure-note",
                ),
            ],
            className="pair",
        )
    return html.Div([_side(case, which, stored, states, address) for which in WHICH])


def _side(
    case: Case, which: str, stored: Sequence[str], states: dict[str, Row], address: str
) -> Component:
    if which in stored:
        return html.Figure(
            [
                html.Img(src=f"{address}/{which}.jpg", alt=f"Foto {which} ditindaklanjuti"),
                html.Figcaption(SIDES[which]),
            ],
            className="photo",
        )
    has = case.row["photo_before" if which == BEFORE else "photo_after"]
    if which in states:
        why = PHOTO_STATES[states[which]["state"]]
    elif has:
        why = "belum disalin: hanya foto laporan yang baru selesai yang disalin"
    elif which == AFTER and not case.row["closed"]:
        why = "belum ada: laporan belum selesai"
    else:
        why = "sumber tidak menyertakannya"
    return html.P([html.Strong(f"Foto {which}: "), why], className="photo-none")


def around(reports: Sequence[Row], found: Sequence[Row], case: Case) -> Component:
    """Draw the reports of the same incident and spot, and what else was the case then.

    Args:
        reports: As `complaint_case.neighbours` returns them.
        found: Rows of `complaint_one_near`.
        case: The complaint.
    """
    if case.at is None:
        return parts.empty(
            "Tempatnya tidak diketahui",
            "Sumber tidak memberi titik, sehingga sekitarnya tidak dapat dicari.",
        )
    same = [row for row in reports if row["joined"]]
    others = [row for row in reports if not row["joined"]]
    return html.Div(
        [
            html.H3("Kejadian yang sama"),
            _reports(same)
            if same
            else html.P("Tidak ada laporan lain yang digabung", className="figure-note"),
            html.H3("Di titik ini, 14 hari sebelum dan sesudah"),
            _reports(others)
            if others
            else html.P("Tidak ada laporan lain dalam 50 m", className="figure-note"),
            html.H3("Yang terjadi saat itu"),
            html.P(
                "Tiga jam sebelum sampai tiga jam sesudah laporan masuk; genangan dan kemacetan"
                " dalam 1 km, pintu air dan peringatan BMKG se-Jakarta.",
                className="figure-note",
            ),
            html.Ul([_near(row) for row in found], className="near-things")
            if found
            else html.P("Tidak ada yang tercatat saat itu", className="figure-note"),
        ]
    )


def _summary(way: Handling, now: datetime) -> Component:
    held = way.held_by(now)
    total = sum((span.total_seconds() for span in held.values()), 0.0) or 1.0
    passed = way.hand_overs
    return html.Div(
        [
            html.P(
                [
                    html.Span(
                        [html.Strong(words.number(len(held))), " unit"],
                    ),
                    html.Span([html.Strong(words.number(passed)), " kali diserahkan"]),
                    html.Span([html.Strong(words.number(way.returns)), " kali kembali"]),
                ],
                className="complaint-counts",
            ),
            html.Ul(
                [
                    html.Li(
                        [
                            html.Span(office(unit)),
                            html.Strong(words.duration(span)),
                            html.I(style={"width": f"{100 * span.total_seconds() / total:.0f}%"}),
                        ]
                    )
                    for unit, span in held.items()
                ],
                className="surge-list",
            ),
        ],
        className="way-summary",
    )


def _stint(stint: Stint, now: datetime) -> Component:
    on_time = stint.on_time(now)
    word = {True: "tepat waktu", False: "lewat waktu", None: "tidak dapat dinilai"}[on_time]
    if on_time and stint.ended_at is None:
        word = "masih dalam waktunya"
    limit = "" if stint.limit is None else f" dari {words.duration(stint.limit)}"
    ending = ENDINGS[stint.ending] if stint.ending else "masih di tangan unit ini"
    shape = {True: "speech", False: "speech-full", None: "ring"}[on_time]
    return html.Li(
        [
            html.P(
                [
                    html.Strong(office(stint.unit)),
                    html.Span(
                        [
                            swatch(shape, "--map-ink"),
                            f"{words.duration(stint.held(now))}{limit} · {word} · {ending}",
                        ],
                        className="due",
                    ),
                ],
                className="way-unit",
            ),
            html.Ol([_entry(entry, stint.unit) for entry in stint.entries]),
        ],
        className="" if stint.ended_at else "is-open",
    )


def _entry(entry: Mapping[str, Any], unit: str) -> Component:
    return html.Li(
        [
            html.Time(
                words.short_moment(entry["event_time"]), dateTime=entry["event_time"].isoformat()
            ),
            html.Span(status_word(entry["status"])),
            html.Small(office(entry["agency"])) if entry["agency"] != unit else None,
        ]
    )


def _ignored(way: Handling) -> Component | None:
    if not way.ignored:
        return None
    return html.Div(
        [
            html.P(
                "Tidak dihitung: diketahui setelah catatan yang lebih baru, atau tanpa perangkat"
                " daerah.",
                className="figure-note",
            ),
            html.Ul([_entry(entry, "") for entry in way.ignored]),
        ],
        className="way-ignored",
    )


def _before_intake(case: Case) -> Component | None:
    created = case.row["created_at"]
    if all(entry["event_time"] >= created for entry in case.log):
        return None
    return html.P(
        "Sebagian riwayat mendahului saat masuk: waktu pada data sumber tidak urut.",
        className="figure-note",
    )


def _point(case: Case) -> str:
    if case.at is None:
        return " · titik tidak diketahui"
    return "" if case.row["geotagged"] else " · titik perkiraan, bukan dari perangkat pelapor"


def _rule(row: Row) -> list[Any]:
    if row["rule"] is None:
        return ["tidak dapat dinilai: masuk sebelum aturan pertama"]
    # What a rule says stands behind its name, in the language of the table.
    decree = row["rule"].partition(":")[0] if row["rule"].startswith("SE ") else ""
    return [
        f"Selesai dalam {boards_words.hours(row['resolve_within_hours'])}",
        f", koordinasi dalam {boards_words.hours(row['coordinate_within_hours'])}"
        if row["coordinate_within_hours"]
        else "",
        f" · berlaku sejak {words.day(row['rule_since'], weekday=False)}",
        html.Small(f" {decree}") if decree else None,
    ]


def _deadline(due: Deadline, row: Row, now: datetime) -> list[Any]:
    if due.by_rule is None:
        return ["tidak dapat dinilai"]
    told: list[Any] = [words.moment(due.by_rule)]
    if not due.extensions:
        return [*told, html.Small(" tanpa perpanjangan")]
    counted = sum(one.moved for one in due.extensions)
    told.append(
        html.Ul(
            [
                html.Li(
                    [
                        f"Estimasi Waktu Selesai dinyatakan {words.short_moment(one.declared_at)}",
                        " WIB: ",
                        _extension(one.in_time, one.promised_at, moved=one.moved),
                    ]
                )
                for one in due.extensions
            ]
        )
    )
    told.append(html.P(f"Tanpa perpanjangan: {_kept(due.by_rule, row['closed_at'], now)}."))
    if counted and due.extended is not None:
        told.append(
            html.P(
                f"Dengan {counted} perpanjangan, sampai {words.moment(due.extended)}:"
                f" {_kept(due.extended, row['closed_at'], now)}."
            )
        )
    return told


def _kept(due: datetime, closed: datetime | None, now: datetime) -> str:
    """Say whether a deadline was kept, or still can be."""
    if (closed or now) > due:
        return "lewat waktu"
    return "masih dalam waktunya" if closed is None else "tepat waktu"


def _extension(in_time: bool, promised: datetime | None, *, moved: bool) -> str:
    if not in_time:
        return "tidak memindahkan batas, dinyatakan setelah batas lewat"
    if promised is None:
        return "batas tetap, tanggal barunya tidak tercatat pada sumber"
    if not moved:
        return "batas tetap, tanggal barunya tidak lebih lama"
    return f"batas dipindahkan ke {words.moment(promised)}"


def _reports(rows: Sequence[Row]) -> Component:
    return table(
        ["laporan", "masuk", "status", "jarak"],
        [
            html.Tr(
                [
                    cell(
                        "laporan",
                        [
                            html.A(
                                row["complaint_id"],
                                href=f"{PATH}/{row['complaint_id']}",
                                **{"data-act": "visit"},
                            ),
                            html.Small(row["category"] or "tanpa kategori"),
                        ],
                        "stacked",
                    ),
                    cell("masuk", words.short_moment(row["created_at"])),
                    cell("status", status_word(row["status"])),
                    cell("jarak", spots.distance(row["distance_m"]), "number"),
                ]
            )
            for row in rows
        ],
    )


def _near(row: Row) -> Component:
    far = "" if row["distance_m"] is None else f" · {spots.distance(row['distance_m'])}"
    return html.Li(
        [
            html.Span(complaint_case.named(row)),
            html.Small(f"{words.short_moment(row['event_time'])} WIB{far}"),
        ]
    )


def _missing(view: View) -> Component:
    number = view.params.get(NUMBER, "")[: complaint_case.LONGEST_NUMBER]
    hint = "Periksa nomornya, misalnya JK2611220264."
    if not view.as_of.live:
        hint += " Pada saat yang diputar ulang laporan ini mungkin belum diketahui."
    return html.Div(
        [
            html.P(f"Tidak ada laporan bernomor {number}", className="note-title"),
            html.P(hint),
            html.A("Kembali ke daftar pengaduan", href=PATH, **{"data-act": "visit"}),
        ],
        className="note note-empty complaint-missing",
    )


def _panels(site: Site) -> tuple[Panel, Panel, Panel, Panel]:
    def draw_head(lake: Lake, view: View) -> Component:
        case = complaint_case.read(lake, view)
        return _missing(view) if case is None else header(case, view.as_of.event_time, site.crm)

    def draw_history(lake: Lake, view: View) -> Component:
        case = complaint_case.read(lake, view)
        return html.P("") if case is None else history(case, view.as_of.event_time)

    def list_history(lake: Lake, view: View) -> list[Row]:
        case = complaint_case.read(lake, view)
        return [] if case is None else [_entry_row(row) for row in case.log]

    def draw_photos(lake: Lake, view: View) -> Component:
        case = complaint_case.read(lake, view)
        if case is None:
            return html.P("")
        rows = queries.complaint_one_photos(lake, view.as_of, case.complaint_id)
        states = {row["which"]: row for row in rows}
        stored = [
            which
            for which in WHICH
            # A photo that is here now may not have been there at a past moment.
            if (view.as_of.live or which in states) and site.photos.path(case.complaint_id, which)
        ]
        return photo_pair(case, stored, states)

    def draw_near(lake: Lake, view: View) -> Component:
        case = complaint_case.read(lake, view)
        if case is None:
            return html.P("")
        return around(
            complaint_case.neighbours(lake, view, case),
            complaint_case.things(lake, view, case),
            case,
        )

    return (
        Panel(
            id="laporan-kepala",
            title="Laporan",
            feeds=FEEDS,
            roles=ROLES,
            render=draw_head,
            params=(NUMBER,),
            how="Keadaan laporan seperti yang diketahui pada saat yang ditampilkan. Batas waktu"
            " dihitung dari saat masuk menurut aturan yang berlaku pada hari itu. Estimasi Waktu"
            " Selesai memindahkan batas hanya bila dinyatakan sebelum batas lewat.",
            queries=("complaint_one", "complaint_one_log"),
            tables=("complaint_versions",),
        ),
        Panel(
            id="laporan-riwayat",
            title="Riwayat dan waktu di tangan unit",
            feeds=FEEDS,
            roles=ROLES,
            render=draw_history,
            rows=list_history,
            params=(NUMBER,),
            how="Waktu di tangan unit dimulai saat catatan status menyebutnya dan berakhir saat"
            " diserahkan ke unit lain, selesai atau ditolak. Tepat waktu: diserahkan dalam waktu"
            " koordinasi, atau selesai dalam waktu penyelesaian, menurut aturan hari masuk."
            " Catatan dihitung menurut urutan diketahuinya.",
            queries=("complaint_one_log",),
            tables=("complaint_log",),
        ),
        Panel(
            id="laporan-foto",
            title="Foto sebelum–sesudah",
            feeds=FEEDS,
            roles=ROLES,
            render=draw_photos,
            params=(NUMBER,),
            how="Salinan foto dari sumber tanpa metadata, disimpan selama masa simpannya.",
            queries=("complaint_one_photos",),
            tables=("complaint_versions",),
        ),
        Panel(
            id="laporan-sekitar",
            title="Sekitar laporan",
            feeds=(*FEEDS, "petabencana_floods", "waze_ccp", "alarms", "bmkg_alerts"),
            roles=ROLES,
            render=draw_near,
            params=(NUMBER,),
            how="Kejadian yang sama: laporan berkategori sama dalam 50 m dan 3 jam dari laporan"
            " pertama. Di titik ini: laporan lain dalam 50 m, 14 hari sebelum dan sesudah. Yang"
            " terjadi saat itu: genangan dan kemacetan dalam 1 km, pintu air yang siaga dan"
            " peringatan BMKG, dari 3 jam sebelum sampai 3 jam sesudah laporan masuk.",
            queries=("complaint_one_incident", "complaint_one_spot", "complaint_one_near"),
            tables=("complaint_versions",),
        ),
    )


def _entry_row(row: Row) -> Row:
    return {
        "waktu_kejadian": row["event_time"],
        "waktu_diketahui": row["known_time"],
        "status": row["status"],
        "perangkat_daerah": row["agency"],
        "unit": row["unit"],
        "simulasi": row["simulated"],
    }
