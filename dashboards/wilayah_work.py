"""The work list of an area: what its offices have to finish, and what others hold of it.

A report counts for the office that holds it. The deadline is that of the rule in force on the day
of intake, counted from intake, for that is what a late report is judged by; of what others hold,
their own time is shown, which begins when they received it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from dash import html
from dash.development.base_component import Component

from dashboards import parts
from dashboards.tables import cell, table
from dashboards.wilayah_areas import Area, inside, link
from data import words
from data.queries import Row

SOON = timedelta(hours=24)
# More than a day's work; of a kecamatan or kota only the gravest are listed one by one.
MOST_OF_OFFICE, MOST_ABOVE = 60, 30
# As many as one page of paper holds (assets/wilayah.css).
PRINTED = 30
FILTER, LIST, ELSEWHERE = "saring", "daftar", "lain"

Urgency: TypeAlias = Literal["24jam", "terlambat", "lainnya"]
# Urgency -> shape, and words of its count.
URGENCIES: dict[str, tuple[str, str]] = {
    "24jam": ("◔", "jatuh tempo 24 jam"),
    "terlambat": ("▲", "terlambat"),
    "lainnya": ("○", "lainnya"),
}
# "…, RW 09, Kelurahan Gambir, Kecamatan Gambir": the page says where it is.
_AREA_OF_PLACE = re.compile(r",? *Kelurahan [^,]*(, *Kecamatan [^,]*)?$")


@dataclass(frozen=True)
class Item:
    """One incident on a list.

    Args:
        row: That of the query `area_open`.
        due: End of the time that counts on this list, aware; None where no rule gives one.
    """

    row: Row
    due: datetime | None
    urgency: Urgency

    def order(self) -> tuple[int, int, str]:
        """Return what it is sorted by: due soonest, then late, then oldest."""
        group = list(URGENCIES).index(self.urgency)
        first = self.row["created_s"] if self.due is None else int(self.due.timestamp())
        return group, self.row["created_s"] if group == 2 else first, self.row["complaint_id"]


@dataclass(frozen=True)
class Work:
    """What is open in an area.

    Args:
        own: What its offices hold, in the order in which it is to be done.
        elsewhere: What others hold, likewise by their own time.
    """

    own: tuple[Item, ...]
    elsewhere: tuple[Item, ...]


def work_of(rows: Sequence[Row], area: Area, now: datetime) -> Work:
    """Return the lists of an area; rows of the query `area_open`."""
    own, elsewhere = [], []
    for row in rows:
        if (row["office"] or "").startswith(area.code):
            own.append(item(row, "due_s", now))
        else:
            elsewhere.append(item(row, "held_due_s", now))
    return Work(
        tuple(sorted(own, key=Item.order)),
        tuple(sorted(elsewhere, key=Item.order)),
    )


def item(row: Row, clock: str, now: datetime) -> Item:
    """Return a row with how urgent it is; `clock` is the column with the end of its time."""
    if row[clock] is None:
        return Item(row, None, "lainnya")
    due = datetime.fromtimestamp(row[clock], UTC)
    if due < now:
        return Item(row, due, "terlambat")
    return Item(row, due, "24jam" if due - now <= SOON else "lainnya")


def counted(items: Sequence[Item]) -> dict[str, int]:
    """Return how many are of each urgency."""
    return {name: sum(one.urgency == name for one in items) for name in URGENCIES}


def draw(work: Work, area: Area, now: datetime, *, chosen: str, shown: str, crm: str) -> Component:
    """Draw the list that the address asks for, with its counts.

    Args:
        chosen: One of `URGENCIES`; anything else shows all.
        shown: `ELSEWHERE` for what others hold; anything else is the office's own.
        crm: Address of a complaint in the CRM, as the setting gives it.
    """
    is_own = shown != ELSEWHERE
    items = work.own if is_own else work.elsewhere
    picked = [one for one in items if chosen not in URGENCIES or one.urgency == chosen]
    most = MOST_OF_OFFICE if area.level == "kelurahan" else MOST_ABOVE
    return html.Div(
        [
            _tabs(work, area, is_own),
            _chips(items, chosen),
            html.Ol(
                [_line(one, area, now, is_own, crm) for one in picked[:most]],
                className="kerja",
            )
            if picked
            else _nothing(area, is_own, bool(items)),
            _rest(len(picked) - most, area),
            html.P(
                f"{PRINTED} teratas dari {words.number(len(picked))} laporan.",
                className="kerja-cetak figure-note",
            )
            if len(picked) > PRINTED
            else None,
            html.P(
                [
                    f"Keadaan {words.moment(now)}. ",
                    "Batas waktu menurut aturan yang berlaku pada hari laporan masuk."
                    if is_own
                    else "Batas waktu perangkat daerah itu, dihitung sejak laporan diterimanya:"
                    " bukan waktu kantor ini.",
                ],
                className="figure-note",
            ),
        ]
    )


def _tabs(work: Work, area: Area, is_own: bool) -> Component:
    whose = "kantor ini" if area.level == "kelurahan" else "kantor-kantor di wilayah ini"
    names = (
        ([f"Di tangan {whose}"], "", len(work.own), is_own),
        (
            ["Di tangan ", html.Span("perangkat daerah ", className="kerja-panjang"), "lain"],
            ELSEWHERE,
            len(work.elsewhere),
            not is_own,
        ),
    )
    return html.Div(
        [
            html.Button(
                [*name, " ", html.Span(words.number(count), className="kerja-jumlah")],
                className="kerja-tab",
                **_choice(LIST, value, pressed),
            )
            for name, value, count, pressed in names
        ],
        className="kerja-tabs",
        role="group",
        **{"aria-label": "Siapa yang memegang laporan"},
    )


def _chips(items: Sequence[Item], chosen: str) -> Component:
    counts = counted(items)
    return html.Div(
        [
            html.Button(
                [
                    html.Span(shape, className="kerja-bentuk", **{"aria-hidden": "true"}),
                    html.Strong(words.number(counts[name])),
                    f" {word}",
                ],
                className=f"choice kerja-chip is-{name}" + ("" if counts[name] else " is-none"),
                **_choice(FILTER, "" if name == chosen else name, name == chosen),
            )
            for name, (shape, word) in URGENCIES.items()
        ],
        className="kerja-chips",
        role="group",
        **{"aria-label": "Saring menurut batas waktu"},
    )


def _choice(name: str, value: str, pressed: bool) -> dict[str, str]:
    return {
        "data-act": "go",
        "data-name": name,
        "data-value": value,
        "aria-pressed": "true" if pressed else "false",
    }


def _line(one: Item, area: Area, now: datetime, is_own: bool, crm: str) -> Component:
    row = one.row
    number = row["complaint_id"]
    return html.Li(
        [
            html.Div(_deadline(one, now), className=f"kerja-batas is-{one.urgency}"),
            html.Div(
                [
                    html.A(
                        row["category"] or "Tanpa kategori",
                        href=f"/pengaduan/{number}",
                        className="kerja-judul",
                        **{"data-act": "visit"},
                    ),
                    html.Span(f"{words.number(row['reports'])} laporan", className="kerja-gabung")
                    if row["reports"] > 1
                    else None,
                    html.Div(_place(row, area), className="kerja-tempat"),
                ]
            ),
            html.Div(_state(row, now, is_own), className="kerja-status"),
            html.Div(
                [
                    html.Code(number),
                    html.A(
                        "Buka di CRM",
                        href=crm.replace("{id}", number),
                        target="_blank",
                        rel="noopener",
                        className="link",
                    )
                    if crm
                    else None,
                ],
                className="kerja-nomor",
            ),
        ]
    )


def _deadline(one: Item, now: datetime) -> list[Component | str]:
    if one.due is None:
        return ["tanpa batas", html.Small("belum ada aturan")]
    shape = html.Span(
        URGENCIES[one.urgency][0], className="kerja-bentuk", **{"aria-hidden": "true"}
    )
    left = one.due - now
    told = (
        f"lewat {words.duration(-left)}" if left < timedelta() else f"sisa {words.duration(left)}"
    )
    return [html.Span([shape, told]), html.Small(words.short_moment(one.due))]


def _place(row: Row, area: Area) -> str:
    place = _AREA_OF_PLACE.sub("", row["place"] or "")
    if area.level == "kelurahan":
        return place or "lokasi tidak disebut"
    name = f"Kel. {row['kelurahan'] or 'di luar wilayah'}"
    return f"{place}, {name}" if place else name


def _state(row: Row, now: datetime, is_own: bool) -> list[Component | str]:
    said = [row["status"] if row["status"] != "EWS" else "Estimasi Waktu Selesai"]
    if row["reopened"]:
        said.append(f"dibuka kembali {words.number(row['reopened'])}×")
    if row["respond_s"] is not None and row["respond_s"] < now.timestamp():
        said.append("belum ditanggapi")
    held = row["held_s"] if not is_own else row["created_s"]
    since = None if held is None else datetime.fromtimestamp(held, UTC)
    if is_own:
        return [html.Span(" · ".join(said)), html.Small(["masuk ", parts.age(since)])]
    return [
        html.Span(" · ".join(said)),
        html.Small([_agency(row["agency"]), ", sejak ", parts.age(since)]),
    ]


def _agency(name: str | None) -> str:
    """Return an office as it is read, not as the source shouts it."""
    if name is None:
        return "tanpa pemegang"
    told = name.title().replace(" Dan ", " dan ")
    return told.replace("Suku Dinas", "Sudin").replace(" Kota Administrasi", "")


def _nothing(area: Area, is_own: bool, filtered: bool) -> Component:
    if filtered:
        return parts.empty("Tidak ada laporan pada saringan ini", "Lepas saringan di atas.")
    if is_own:
        return parts.empty(f"Tidak ada laporan terbuka di tangan kantor {area.title}")
    return parts.empty("Tidak ada laporan terbuka di tangan perangkat daerah lain")


def _rest(more: int, area: Area) -> Component | None:
    if more <= 0:
        return None
    return html.P(
        [
            f"dan {words.number(more)} laporan lain: ",
            html.A(
                "lihat semua pengaduan terbuka",
                href=f"/pengaduan?wilayah={area.code}&status=terbuka",
                className="link",
                **{"data-act": "visit"},
            ),
        ],
        className="kerja-lagi",
    )


@dataclass(frozen=True)
class Help:
    """What one kelurahan has on its hands.

    Args:
        counts: Incidents that its office holds, by urgency.
        elsewhere: Incidents there that others hold.
    """

    area: Area
    counts: dict[str, int]
    elsewhere: int

    def order(self) -> tuple[int, int, int, str]:
        """Return what it is sorted by: who needs help first."""
        soon, late, rest = (self.counts[name] for name in URGENCIES)
        return -soon, -late, -rest, self.area.name


def helps(work: Work, area: Area) -> list[Help]:
    """Return the kelurahan of a kecamatan or kota, those that need help first."""
    return sorted(
        (
            Help(
                one,
                counted([item for item in work.own if item.row["office"] == one.code]),
                sum(item.row["kelurahan_code"] == one.code for item in work.elsewhere),
            )
            for one in inside(area, "kelurahan")
        ),
        key=Help.order,
    )


def draw_helps(rows: Sequence[Help]) -> Component:
    """Draw the kelurahan of a kecamatan or kota."""
    heads = ("Kelurahan", *(word for _, word in URGENCIES.values()), "di tangan lain")
    return table(
        heads,
        [
            html.Tr(
                [
                    html.Th(link(one.area, one.area.name), scope="row"),
                    *(
                        cell(
                            word,
                            words.number(one.counts[name]),
                            f"number kerja-hitung is-{name}"
                            + ("" if one.counts[name] else " is-none"),
                        )
                        for name, (_, word) in URGENCIES.items()
                    ),
                    cell("di tangan lain", words.number(one.elsewhere), "number"),
                ]
            )
            for one in rows
        ],
        tall=True,
    )


def as_rows(work: Work) -> list[Row]:
    """Return both lists for taking away, times as people write them."""

    def told(seconds: int | None) -> str:
        return words.short_moment(None if seconds is None else datetime.fromtimestamp(seconds, UTC))

    return [
        {
            "nomor": one.row["complaint_id"],
            "daftar": whose,
            "batas_wib": words.short_moment(one.due),
            "urgensi": URGENCIES[one.urgency][1],
            "kategori": one.row["category"],
            "tempat": one.row["place"],
            "kelurahan": one.row["kelurahan"],
            "status": one.row["status"],
            "pemegang": one.row["agency"],
            "masuk_wib": told(one.row["created_s"]),
            "dipegang_sejak_wib": told(one.row["held_s"]),
            "laporan": one.row["reports"],
            "dibuka_kembali": one.row["reopened"],
            "simulasi": one.row["simulated"],
        }
        for whose, items in (
            ("kantor wilayah", work.own),
            ("perangkat daerah lain", work.elsewhere),
        )
        for one in items
    ]
