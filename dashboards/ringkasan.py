"""Ringkasan: the governor's brief, its editions, and what staff do with a draft.

URL    /ringkasan?jenis=pagi                a preview of now, or of ?pada=
       /ringkasan/2026-11-22-pagi           an edition as it is kept
       /ringkasan/<edisi>.pdf               the same on paper; ?bentuk=slide as slides
       /ringkasan/<edisi>.png               as a picture to share; /ringkasan.pdf and /ringkasan.png
                                            are those of the preview
       /ringkasan/sumber?edisi=…&n=3        a footnote
Reads  what `data.brief.content` asks, and the editions and registers of the store

Staff pin, comment, reorder and advance a draft; a figure is never edited. The preview is cut every
five minutes, so that page, picture and paper say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b, sha256
from itertools import groupby
from typing import Any, get_args
from urllib.parse import urlencode

import msgspec
import structlog
from dash import html
from dash.development.base_component import Component
from flask import Response, abort, request

from dashboards import parts, ringkasan_arahan, ringkasan_korban, ringkasan_sheet
from dashboards.access import ROLES, current_role
from dashboards.conditional import conditional
from dashboards.panels import Panel, View, answer, panel_slot, to_bytes
from dashboards.ringkasan_sheet import (
    PATH,
    READERS,
    SOURCE,
    WRITERS,
    Shown,
    state_mark,
)
from dashboards.site import ActionError, Site
from dashboards.versions import LEDGER
from data import queries, words
from data.asof import WIB, AsOf
from data.brief import pdf
from data.brief.asking import questions
from data.brief.content import Registers, content
from data.brief.editions import WAYS, EditionError, Editions, changed, freeze, thaw
from data.brief.model import Edition, EditionKind
from data.lake import Lake
from data.typeset import TypesetError

log = structlog.get_logger()

PUBLISHERS = frozenset({"pimpinan"})
# Step -> who may take it.
STEPS: Mapping[str, frozenset[str]] = {
    "draf": WRITERS,
    "diperiksa": WRITERS,
    "terbit": PUBLISHERS,
    "ditarik": PUBLISHERS,
}
# Step -> its word, and what is said before it is taken.
STEP_WORDS = {
    "draf": ("Kembalikan ke draf", "Edisi ini perlu diperbaiki urutan atau catatannya."),
    "diperiksa": ("Tandai diperiksa", "Semua butir sudah dibaca dan sumbernya diperiksa."),
    "terbit": (
        "Terbitkan",
        "Setelah terbit, isi, urutan dan catatannya tidak dapat diubah lagi.",
    ),
    "ditarik": (
        "Tarik edisi",
        "Edisi tetap dapat dibaca, dengan alasannya. Edisi pengganti dapat dibuat sesudahnya.",
    ),
}
DO, MAKE = f"{PATH}/tindakan", f"{PATH}/buat"
LIVE_FILE, KEPT_FILE = f"{PATH}.<kind>", f"{PATH}/<edisi>.<kind>"
CUT_EVERY = timedelta(minutes=5)
AFTERNOON = 12
LISTED = 60
# Kind of a file -> its type.
TYPES: Mapping[str, str] = {"pdf": "application/pdf", "png": "image/png"}
HOW = (
    "Setiap kalimat adalah templat yang diisi dari jawaban kueri; nomor [n] menunjuk kueri, saat,"
    " jumlah baris dan sidik jarinya, dan membuka putar ulang pada saat itu. Kalimat yang"
    " masukannya terlambat atau terlalu sedikit tidak dicetak, melainkan masuk ke “Yang belum"
    " diketahui”. “Meningkat” atau “menurun” hanya ditulis di luar variasi wajar; selain itu"
    " “relatif tetap”. Petugas dapat menyematkan, mengurutkan dan memberi catatan, tidak dapat"
    " mengubah angka."
)


def mount(site: Site) -> None:
    """Put the page, its panels, files and actions on the site, and those of the registers."""
    preview, kept, steps, listed = panels = _panels(site)
    site.panels(*panels)
    site.route(SOURCE, lambda: _source(site), roles=READERS)
    site.route(LIVE_FILE, lambda kind: _file(site, "", kind), roles=READERS)
    site.route(KEPT_FILE, lambda edisi, kind: _file(site, edisi, kind), roles=READERS)
    site.action(DO, lambda: _do(site), roles=WRITERS)
    site.action(MAKE, lambda: _make(site), roles=WRITERS)

    def layout(edisi: Any = None, **_query: Any) -> Component:
        sheet = kept if edisi else preview
        beside = [steps, listed] if edisi else [listed]
        return html.Main(
            [
                html.H1("Ringkasan", className="visually-hidden"),
                panel_slot(sheet, class_name="brief-panel"),
                html.Div(
                    [
                        _registers(),
                        *(panel_slot(one, class_name="brief-beside") for one in beside),
                    ],
                    className="brief-side",
                ),
            ],
            className="page brief-page",
        )

    site.page(
        __name__,
        path=PATH,
        template=f"{PATH}/<edisi>",
        title="Ringkasan",
        icon="brief",
        order=90,
        roles=READERS,
        layout=layout,
    )
    # Their order is lower: Dash asks its pages in order, and the one above takes any last part.
    ringkasan_arahan.mount(site)
    ringkasan_korban.mount(site)


@dataclass(frozen=True)
class Kept:
    """The editions around the one that is shown.

    Args:
        newest: Newest edition of each kind.
        previous, following: Ids; empty where there is none.
    """

    newest: Mapping[str, str]
    previous: str = ""
    following: str = ""


def preview(site: Site, view: View) -> Edition:
    """Return the brief of the moment that a view is about, which nobody keeps.

    Of the present it is cut every five minutes.
    """
    as_of = view.as_of
    if as_of.live:
        cut = _floored(as_of.event_time)
        as_of = AsOf(cut, cut, live=False)
    kind = read_kind(view.params.get("jenis"), as_of.event_time)
    # What people noted by the moment is part of it.
    noted = site.store.alarm_revision(as_of.known_time) + site.store.register_revision()
    key = f"brief|{kind}|{as_of.event_time.isoformat()}|{as_of.known_time.isoformat()}|{noted}"
    body = site.shelf.get(
        key,
        lambda: freeze(content(site.lake, Registers.of(site.store), as_of, kind)),
    )
    told = thaw(body)
    moment = told.cut.astimezone(WIB)
    before = next((one for one in _readable(site, view) if one.content.cut < told.cut), None)
    return Edition(
        id=f"{pdf.PREVIEW}{moment:%Y-%m-%d-%H%M}-{kind}",
        content=told,
        sha256=sha256(body).hexdigest(),
        made_at=told.cut,
        state="draf",
        state_at=told.cut,
        state_role="",
        previous=before.id if before else "",
        changed=changed(before.content, told) if before else (),
    )


def editions(site: Site, view: View) -> list[Edition]:
    """Return the newest editions that were kept at the moment of a view, newest first.

    Raises:
        EditionError: The text of one is not what was kept.
    """
    found = Editions(site.store).newest(LISTED)
    return [one for one in found if one.made_at <= view.as_of.known_time]


def is_preview(edition: Edition) -> bool:
    """Answer whether nobody keeps a brief."""
    return pdf.state_of(edition) == "pratinjau"


def read_kind(asked: str | None, moment: datetime) -> EditionKind:
    """Read `?jenis=`; what is none means the edition of that half of the day."""
    usual = "pagi" if moment.astimezone(WIB).hour < AFTERNOON else "sore"
    return asked if asked in get_args(EditionKind) else usual  # type: ignore[return-value]


def draw_sheet(shown: Shown, kept: Kept, *, makes: bool = False) -> Component:
    """Draw a brief with the way to other editions and to its files.

    Args:
        makes: The reader may keep it as an edition.
    """
    return html.Div(
        [
            html.Div(
                [_tabs(shown, kept), _files(shown)],
                className="brief-bar",
            ),
            _around(kept) if kept.previous or kept.following else None,
            _keep_form(shown) if makes else None,
            ringkasan_sheet.draw(shown),
        ]
    )


def draw_steps(edition: Edition, role: str) -> Component:
    """Draw how far an edition is, and what the reader may do next."""
    ways = [] if edition.withdrawn else [*WAYS[edition.state], "ditarik"]
    return html.Div(
        [
            html.P(
                [
                    state_mark(pdf.state_of(edition)),
                    f" sejak {words.moment(edition.state_at)} oleh {_role(edition.state_role)}.",
                ]
            )
            if not edition.withdrawn
            else html.P(edition.withdrawn),
            html.P(
                f"Dibuat {words.moment(edition.made_at)}{', terlambat' if edition.late else ''}.",
                className="figure-note",
            ),
            html.Div([_advance(edition, step, role) for step in ways], className="brief-steps"),
        ]
    )


def draw_list(editions: Sequence[Edition], chosen: str) -> Component:
    """Draw the past editions, newest first, by day."""
    if not editions:
        return parts.empty(
            "Belum ada edisi",
            "Edisi pagi dibuat pukul 06.15 WIB, sore pukul 16.15 WIB, dan situasi setiap jam selama"
            " status kota Tinggi atau lebih.",
        )
    days = groupby(editions, lambda one: one.content.cut.astimezone(WIB).date())
    return html.Div(
        [
            html.Section(
                [
                    html.H4(words.day(day)),
                    html.Ul([html.Li(_listed(one, chosen)) for one in group]),
                ]
            )
            for day, group in days
        ],
        className="brief-list",
    )


def _registers() -> Component:
    links = ((ringkasan_arahan.PATH, "Arahan"), (ringkasan_korban.PATH, "Korban dan pengungsi"))
    return html.Nav(
        [
            html.A(word, href=path, className="button", **{"data-act": "visit"})
            for path, word in links
        ],
        className="buttons brief-registers",
        **{"aria-label": "Catatan tangan"},
    )


def _listed(one: Edition, chosen: str) -> Component:
    count = len(one.changed)
    told = f"{words.number(count)} berubah" if count else "tidak berubah"
    return html.A(
        [
            html.Strong(_kind_word(one.content.kind)),
            html.Span(words.clock(one.content.cut)),
            state_mark(pdf.state_of(one)),
            html.Span(told if one.previous else "", className="figure-note"),
        ],
        href=f"{PATH}/{one.id}",
        **{"data-act": "visit", "aria-current": "page" if one.id == chosen else None},
    )


def _tabs(shown: Shown, kept: Kept) -> Component:
    kind = "" if is_preview(shown.edition) else shown.edition.content.kind
    tabs = [_tab("Saat ini", PATH, not kind)]
    for name in get_args(EditionKind):
        id = kept.newest.get(name, "")
        tabs.append(_tab(_kind_word(name), f"{PATH}/{id}" if id else "", name == kind))
    return html.Nav(tabs, className="brief-tabs", **{"aria-label": "Edisi"})


def _tab(word: str, href: str, here: bool) -> Component:
    if not href:
        return html.Span(word, title="Belum ada edisi", className="is-none")
    current = "page" if here else None
    return html.A(word, href=href, **{"data-act": "visit", "aria-current": current})


def _files(shown: Shown) -> Component:
    edition = shown.edition
    if is_preview(shown.edition):
        base, query = PATH, f"?{urlencode(shown.where)}"
        slides = f"{base}.pdf{query}&bentuk=slide"
    else:
        base, query = f"{PATH}/{edition.id}", ""
        slides = f"{base}.pdf?bentuk=slide"
    links = (
        ("PDF", f"{base}.pdf{query}", "PDF A4, siap cetak"),
        ("Slide", slides, "Slide 16:9"),
        ("Gambar", f"{base}.png{query}", "Satu gambar untuk dibagikan"),
    )
    return html.Div(
        [_file_link(*each) for each in links],
        className="buttons brief-files",
    )


def _file_link(word: str, href: str, title: str) -> Component:
    return html.A(word, href=href, title=title, className="button", target="_blank", rel="noopener")


def _around(kept: Kept) -> Component:
    def step(id: str, word: str) -> Component | None:
        if not id:
            return None
        return html.A(word, href=f"{PATH}/{id}", **{"data-act": "visit"})

    return html.Nav(
        [
            step(kept.previous, "← Edisi sebelumnya"),
            step(kept.following, "Edisi berikutnya →"),
        ],
        className="brief-around",
        **{"aria-label": "Edisi di sekitarnya"},
    )


def _keep_form(shown: Shown) -> Component:
    chosen = shown.edition.content.kind
    select = html.Select(
        [
            html.Option(_kind_word(kind), value=kind, selected=kind == chosen)
            for kind in get_args(EditionKind)
        ],
        name="jenis",
        **{"aria-label": "Jenis edisi"},
    )
    button = html.Button(
        "Simpan",
        type="button",
        className="button is-first",
        **{"data-act": "ringkasan-simpan"},
    )
    return html.Details(
        [
            html.Summary("Simpan pratinjau ini sebagai edisi…", className="link"),
            html.Form(
                [
                    html.P(
                        "Isi dibekukan apa adanya sebagai draf, lalu diperiksa dan diterbitkan."
                    ),
                    html.Div([select, button], className="buttons"),
                ],
                className="brief-form",
            ),
        ],
        className="brief-keep",
    )


def _advance(edition: Edition, step: str, role: str) -> Component | None:
    word, told = STEP_WORDS[step]
    if role not in STEPS[step]:
        if step != "terbit":
            return None
        who = " atau ".join(ROLES[one].name for one in sorted(STEPS[step]))
        return html.P(f"“{word}” oleh {who}.", className="figure-note")
    reason = html.Textarea(name="text", rows=2, **{"aria-label": "Alasan"})
    button = html.Button(
        f"Ya, {word.lower()}",
        type="button",
        className="button is-first",
        **{
            "data-act": "ringkasan",
            "data-do": step,
            "data-edition": edition.id,
            "data-item": "",
            "data-revision": str(edition.review.revision),
        },
    )
    return html.Details(
        [
            html.Summary(f"{word}…", className="button"),
            html.Form(
                [html.P(told), reason if step == "ditarik" else None, button],
                className="brief-form",
            ),
        ],
        className="brief-confirm",
    )


def _panels(site: Site) -> tuple[Panel, ...]:
    def around(view: View, edition: Edition | None) -> Kept:
        newest: dict[str, str] = {}
        for one in _readable(site, view):
            newest.setdefault(one.content.kind, one.id)
        if edition is None:
            return Kept(newest)
        kept = Editions(site.store)
        before, after = kept.previous(edition.id), kept.following(edition.id)
        return Kept(newest, before.id if before else "", after.id if after else "")

    def draw_preview(_lake: Lake, view: View) -> Component:
        edition = preview(site, view)
        shown = Shown(edition, _where(edition, view.as_of))
        makes = view.as_of.live and view.role.id in WRITERS
        return draw_sheet(shown, around(view, None), makes=makes)

    def draw_kept(_lake: Lake, view: View) -> Component:
        edition = _kept(site, view)
        if edition is None:
            return _missing()
        editable = (
            view.as_of.live
            and pdf.state_of(edition) in ("draf", "diperiksa")
            and view.role.id in WRITERS
        )
        shown = Shown(edition, {"edisi": edition.id}, editable)
        return draw_sheet(shown, around(view, edition))

    def draw_flow(_lake: Lake, view: View) -> Component:
        edition = _kept(site, view)
        return _missing() if edition is None else draw_steps(edition, view.role.id)

    def draw_all(_lake: Lake, view: View) -> Component:
        return draw_list(editions(site, view), view.params.get("edisi", ""))

    def told(draw: Callable[[Lake, View], Component]) -> Callable[[Lake, View], Component]:
        """Say why instead of what, where an edition is not what was kept."""

        def drawn(lake: Lake, view: View) -> Component:
            try:
                return draw(lake, view)
            except EditionError as error:
                return parts.empty("Edisi tidak dapat ditampilkan", str(error))

        return drawn

    feeds = sorted({feed for one in questions().values() for feed in one.feeds})
    common: dict[str, Any] = {"roles": READERS, "how": HOW}
    return (
        Panel(
            id="ringkasan-pratinjau",
            title="Pratinjau ringkasan",
            feeds=(*feeds, LEDGER),
            render=draw_preview,
            params=("jenis",),
            queries=tuple(name for name in questions() if _sql(name)),
            tables=("water_levels", "inundations", "complaint_versions", "air_measurements"),
            **common,
        ),
        Panel(
            id="ringkasan-edisi",
            title="Ringkasan",
            feeds=(LEDGER,),
            render=told(draw_kept),
            params=("edisi",),
            **common,
        ),
        Panel(
            id="ringkasan-alur",
            title="Pemeriksaan dan penerbitan",
            feeds=(LEDGER,),
            render=told(draw_flow),
            params=("edisi",),
            **common,
        ),
        Panel(
            id="ringkasan-daftar",
            title="Edisi sebelumnya",
            feeds=(LEDGER,),
            render=told(draw_all),
            params=("edisi",),
            **common,
        ),
    )


def _readable(site: Site, view: View) -> list[Edition]:
    """Return the newest editions; none where one was tampered with, as the list of them says."""
    try:
        return editions(site, view)
    except EditionError:
        return []


def _kept(site: Site, view: View) -> Edition | None:
    edition = Editions(site.store).one(view.params.get("edisi", "")[:80])
    if edition is None or edition.made_at > view.as_of.known_time:
        return None
    return edition


def _missing() -> Component:
    return parts.empty(
        "Edisi ini tidak ditemukan",
        "Periksa alamatnya, atau pilih dari daftar edisi.",
    )


def _where(edition: Edition, as_of: AsOf) -> dict[str, str]:
    """Return what names a preview in an address, so that its parts are cut at the same moment."""
    cut = edition.content.cut.astimezone(WIB)
    seen = "sekarang" if as_of.known_time > as_of.event_time else "saat-itu"
    return {
        "pada": f"{cut:%Y-%m-%dT%H:%M:%S}",
        "seperti": "saat-itu" if as_of.live else seen,
        "jenis": edition.content.kind,
    }


def _asked(site: Site) -> Edition:
    """Return the edition or preview that a request names."""
    view = site.view(("edisi", "jenis"))
    if "edisi" in view.params:
        try:
            edition = _kept(site, view)
        except EditionError:
            abort(409)
        return edition or abort(404)
    if not view.knows(*site.shown["ringkasan-pratinjau"].tables):
        abort(404)
    return preview(site, view)


def _source(site: Site) -> Response:
    edition = _asked(site)
    number = request.args.get("n", "")
    sources = edition.content.sources
    if not number.isdecimal() or not 1 <= int(number[:9]) <= len(sources):
        abort(404)
    one = edition.content.source(int(number))
    return answer(to_bytes(ringkasan_sheet.source_details(one, _sql(one.query))))


def _sql(query: str) -> str:
    try:
        return queries.sql(query)
    except FileNotFoundError:
        return ""


def _file(site: Site, id: str, kind: str) -> Response:
    if kind not in TYPES:
        abort(404)
    view = site.view(("jenis",))
    if site.unread_moment(view):
        return _plain("Saat yang diminta tidak dapat dibaca, atau belum terjadi.", 400)
    if id:
        try:
            edition = Editions(site.store).one(id[:80])
        except EditionError as error:
            return _plain(str(error), 409)
        if edition is None:
            return _plain("Edisi ini tidak ditemukan. Pilih dari daftar edisi.", 404)
    elif view.knows(*site.shown["ringkasan-pratinjau"].tables):
        edition = preview(site, view)
    else:
        return _plain("Belum ada data untuk saat yang diminta.", 404)
    slides = kind == "pdf" and request.args.get("bentuk") == "slide"
    base = site.address
    told = blake2b(msgspec.json.encode(edition, order="deterministic"), digest_size=12)
    key = f"brief-file|{kind}|{slides}|{base}|{told.hexdigest()}"
    make = pdf.slides if slides else pdf.pdf if kind == "pdf" else pdf.png
    try:
        body = site.shelf.get(key, lambda: make(edition, base))
    except TypesetError as error:
        log.exception("brief.not_set", edition=edition.id)
        return _plain(f"Berkas tidak dapat dibuat: {error}", 500)
    response = conditional(body, TYPES[kind])
    name = f"{pdf.file_name(edition)}{'-slide' if slides else ''}.{kind}"
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


def _plain(text: str, status: int) -> Response:
    return Response(text, status, mimetype="text/plain")


def _do(site: Site) -> dict[str, Any]:
    """Pin, order, comment or advance an edition, as `tindakan` says."""
    asked = request.get_json()
    names = ("edisi", "tindakan", "butir", "teks")
    id, does, item, text = (str(asked.get(name) or "") for name in names)
    role, now, kept = current_role().id, site.clock.now(), Editions(site.store)
    try:
        edition = kept.one(id)
        if edition is None:
            raise ActionError("Edisi ini tidak ditemukan.")
        if asked.get("revisi") != edition.review.revision:
            raise ActionError("Edisi ini baru saja diubah orang lain. Muat ulang halaman.")
        if does in STEPS and role not in STEPS[does]:
            raise ActionError("Peran Anda tidak berwenang untuk langkah ini.")
        match does:
            case "draf" | "diperiksa" | "terbit":
                kept.advance(id, does, role, now)
            case "ditarik":
                kept.withdraw(id, text, role, now)
            case "pin" | "unpin":
                kept.pin(id, item, does == "pin", role, now)
            case "up" | "down":
                kept.order(id, moved(edition, item, does), role, now)
            case "comment":
                kept.comment(id, item, text, role, now)
            case _:
                raise ActionError("Tindakan ini tidak dikenal.")
    except EditionError as error:
        raise ActionError(str(error)) from error
    return {}


def moved(edition: Edition, item: str, does: str) -> list[str]:
    """Return the ids of the attention items after one went up or down by one place."""
    order = [one.id for one in pdf.arranged(edition)]
    if item not in order:
        raise ActionError("Butir ini tidak ada dalam edisi.")
    here = order.index(item)
    there = here + (1 if does == "down" else -1)
    pinned = edition.review.pinned
    if not 0 <= there < len(order) or (order[there] in pinned) != (item in pinned):
        raise ActionError("Butir ini sudah di ujung daftarnya.")
    order[here], order[there] = order[there], order[here]
    return order


def _make(site: Site) -> dict[str, Any]:
    kind = str(request.get_json().get("jenis") or "")
    if kind not in get_args(EditionKind):
        raise ActionError("Pilih jenis edisinya.")
    now = site.clock.now()
    view = View(AsOf.now(now), "31", current_role(), {"jenis": kind})
    try:
        made = Editions(site.store).make(preview(site, view).content, current_role().id, now)
    except EditionError as error:
        raise ActionError(str(error)) from error
    return {"id": made.id}


def _floored(moment: datetime) -> datetime:
    every = CUT_EVERY.total_seconds()
    return datetime.fromtimestamp(moment.timestamp() // every * every, UTC)


def _kind_word(kind: str) -> str:
    return kind.capitalize()


def _role(role: str) -> str:
    return ROLES[role].name if role in ROLES else role
