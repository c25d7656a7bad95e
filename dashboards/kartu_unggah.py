"""Uploads of evidence cards: the form, what was kept, templates, and taking back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component
from flask import Response, abort, request

from dashboards import parts
from dashboards.access import ROLES, current_role
from dashboards.kartu_bagian import PATH
from dashboards.panels import View, answer, to_bytes
from dashboards.site import ActionError, Site
from data import uploads as kept
from data import words
from data.cards import Card, CardError
from data.uploads import Kind, Upload, UploadError, Uploads

FILES, TEMPLATE = f"{PATH}/berkas", f"{PATH}/templat/<kind>.csv"
KEEP, WITHDRAW = f"{FILES}/unggah", f"{FILES}/tarik"
WRITERS = frozenset({"operator", "pimpinan", "admin"})


def mount(site: Site, readers: frozenset[str]) -> None:
    """Put the form, the templates and what people do with uploads on the site."""
    site.route(FILES, lambda: _files(site), roles=readers)
    site.route(TEMPLATE, _template, roles=readers)
    site.action(KEEP, lambda: _keep(site), roles=WRITERS)
    site.action(WITHDRAW, lambda: _withdraw(site), roles=WRITERS)


def button(card: Card) -> Component:
    """Return what opens the uploads of a card."""
    return html.Button(
        "Berkas data…",
        type="button",
        className="button",
        title=f"Berkas data – {card.title}",
        **{"data-act": "open", "data-url": f"{FILES}?jenis={'.'.join(card.uploads)}"},
    )


def titles(known: Iterable[str]) -> list[str]:
    """Return what kinds of uploads are called."""
    return [kept.kinds()[kind].title for kind in known]


def chosen(uploads: Uploads, card: Card, view: View) -> dict[str, Upload | None]:
    """Return the uploads that a card rests on, by kind: those asked for, else the newest.

    Raises:
        CardError: One that was asked for does not stand at the moment.
    """
    found = {}
    for kind in card.uploads:
        asked = view.params.get(kind, "")
        found[kind] = uploads.chosen(kind, view.as_of.known_time, asked)
        if asked and found[kind] is None:
            raise CardError(
                f"Berkas {asked[:12]} ({kept.kinds()[kind].title}) tidak ada atau sudah ditarik"
                " pada saat ini."
            )
    return found


def draw_files(
    known: Sequence[Kind], standing: Mapping[str, Sequence[Upload]], role: str, *, may_write: bool
) -> Component:
    """Draw what was kept of each kind and, for who may, the form of another file."""
    return html.Div(
        [
            *(_kept(kind, standing[kind.id], role, may_write=may_write) for kind in known),
            _form(known) if may_write else None,
        ],
        className="kartu-berkas",
    )


def _kept(kind: Kind, standing: Sequence[Upload], role: str, *, may_write: bool) -> Component:
    rows = [
        html.Li(
            [
                html.Strong(f"Data {words.day(one.dated, weekday=False)}"),
                f" · {words.number(len(one.values))} kelurahan ",
                parts.simulated_mark() if one.simulated else None,
                html.Div(f"Sumber: {one.source}", className="figure-note"),
                html.Div(
                    [
                        f"Berkas {one.id} · {ROLES[one.role].name},"
                        f" {words.short_moment(one.at)} WIB · sha256 ",
                        html.Code(one.sha256[:12], title=one.sha256),
                    ],
                    className="figure-note",
                ),
                html.Button(
                    "Pakai",
                    type="button",
                    className="link",
                    **{"data-act": "kartu-pakai", "data-name": kind.id, "data-value": str(one.id)},
                ),
                html.Button(
                    "Tarik",
                    type="button",
                    className="link",
                    **{"data-act": "kartu-tarik", "data-name": kind.id, "data-value": str(one.id)},
                )
                if may_write and one.role == role
                else None,
            ]
        )
        for one in standing
    ]
    return html.Section(
        [
            html.H3(kind.title),
            html.Ul(rows) if rows else html.P("Belum ada data."),
            html.P(
                html.A(
                    f"Templat CSV dengan {len(kept.kelurahan())} kelurahan",
                    href=TEMPLATE.replace("<kind>", kind.id),
                    className="link",
                    download="",
                )
            ),
        ]
    )


def _form(known: Sequence[Kind]) -> Component:
    return html.Div(
        [
            html.H3("Unggah berkas"),
            html.P(
                "CSV dengan satu baris tiap kelurahan dan jumlahnya. Nama, NIK, KK, alamat, telepon"
                " dan keterangan tidak diterima. Paling besar 5 MB. Bila ada yang salah, tidak ada"
                " yang disimpan.",
                className="figure-note",
            ),
            html.Label(
                [
                    html.Span("Jenis data"),
                    html.Select(
                        [html.Option(kind.title, value=kind.id) for kind in known], name="kind"
                    ),
                ]
            )
            if len(known) > 1
            else parts.Input(type="hidden", name="kind", value=known[0].id),
            html.Label(
                [
                    html.Span("Berkas CSV"),
                    parts.Input(type="file", name="file"),
                ]
            ),
            html.Label([html.Span("Tanggal data"), parts.Input(type="date", name="dated")]),
            html.Label(
                [
                    html.Span("Sumber (instansi dan dokumen)"),
                    parts.Input(type="text", name="source"),
                ]
            ),
            html.Label(
                [
                    parts.Input(type="checkbox", name="simulated"),
                    html.Span("Ini data contoh, bukan data nyata (ditandai DATA SIMULASI)"),
                ],
                className="kartu-centang",
            ),
            html.Div(className="kartu-galat", role="alert"),
            html.Button(
                "Periksa dan simpan",
                type="button",
                className="button is-first",
                **{"data-act": "kartu-unggah", "data-url": KEEP, "data-most": kept.MOST_BYTES},
            ),
        ],
        className="kartu-formulir",
    )


def _files(site: Site) -> Response:
    known = [kept.kinds().get(name) for name in request.args.get("jenis", "").split(".")]
    found = [kind for kind in known if kind is not None]
    if not found or len(found) < len(known):
        abort(404)
    role, now, uploads = current_role(), site.clock.now(), Uploads(site.store)
    may = site.access.may(role, f"route:{KEEP}")
    standing = {kind.id: uploads.of(kind.id, now) for kind in found}
    return answer(to_bytes(draw_files(found, standing, role.id, may_write=may)))


def _template(kind: str) -> Response:
    asked = kept.kinds().get(kind)
    if asked is None:
        abort(404)
    response = Response(kept.template(asked), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="templat-{kind}.csv"'
    return response


def _keep(site: Site) -> dict[str, Any]:
    asked = request.get_json()
    fields = {name: asked.get(name) for name in ("kind", "name", "source", "dated", "content")}
    if not all(isinstance(value, str) for value in fields.values()):
        raise ActionError("Pilih berkas, lalu isi tanggal dan sumbernya.")
    try:
        content = base64.b64decode(fields.pop("content"), validate=True)
    except binascii.Error as error:
        raise ActionError("Berkas tidak terkirim utuh. Coba lagi.") from error
    try:
        number = Uploads(site.store).keep(
            fields.pop("kind"),
            content,
            **fields,
            simulated=asked.get("simulated") is True,
            role=current_role().id,
            at=site.clock.now(),
        )
    except UploadError as error:
        raise ActionError(str(error)) from error
    return {"id": number}


def _withdraw(site: Site) -> dict[str, Any]:
    number = request.get_json().get("id")
    if not isinstance(number, int) or not Uploads(site.store).withdraw(
        number, role=current_role().id, at=site.clock.now()
    ):
        raise ActionError("Berkas ini tidak ada, sudah ditarik, atau diunggah peran lain.")
    return {"id": number}
