"""The open API: read-only, for everyone, and the same for every asker.

URL    /api/v1/          what there is; /api/v1/openapi.json tells it to machines
       /api/v1/<table>   rows as JSON or CSV; what they are stands in their declaration
Reads  what the endpoints read

An answer of now is made at most once a minute and version of its feeds, and kept as bytes. It says
as of when it is, where it comes from and how fresh that is; its ETag moves with all of it but the
moment of asking. Errors are problem documents (RFC 9457).
"""

from __future__ import annotations

import csv
import functools
import io
import uuid
from collections.abc import Mapping
from hashlib import blake2b
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import orjson
import structlog
from flask import Response, request

from dashboards import api_cap, api_layers, api_openapi, api_series, api_tables, dcat
from dashboards.access import EVERYONE
from dashboards.api_contract import (
    BASE,
    CSV,
    JSON,
    JSON_LD,
    USUAL_ROWS,
    Ask,
    Document,
    Endpoint,
    Problem,
    Table,
)
from dashboards.api_meta import about, as_of, told_rows
from dashboards.exports import inert
from dashboards.site import Site
from data import series
from data.asof import AsOf, read_area, read_as_of

log = structlog.get_logger()

ABOUT_IT = "Tentang API"
PROBLEM = "application/problem+json"
LIVE_SECONDS, PAST_SECONDS = 10, 300
# Two megabytes of parameters are no question.
LONGEST_ADDRESS = 4_000
DIGEST = 8


@functools.cache
def endpoints() -> tuple[Endpoint, ...]:
    """Return every endpoint, in the order in which they are listed."""
    told = (
        *api_tables.TABLES,
        *api_series.TABLES,
        *api_layers.ENDPOINTS,
        *api_cap.ENDPOINTS,
    )
    return (
        *told,
        Document(
            path="/",
            id="index",
            title="Daftar alamat",
            about="Semua alamat API ini.",
            example="/",
            make=lambda _site, ask: orjson.dumps(_index(ask.root)),
            group=ABOUT_IT,
            pace=api_series.PACE,
        ),
        Document(
            path="/openapi.json",
            id="openapi",
            title="OpenAPI 3.1",
            about="Uraian API ini untuk mesin.",
            example="/openapi.json",
            make=lambda _site, _ask: orjson.dumps(api_openapi.document(endpoints())),
            group=ABOUT_IT,
            pace=api_series.PACE,
        ),
        Document(
            path="/catalog.jsonld",
            id="catalog",
            title="Katalog DCAT 3",
            about="Katalog kumpulan data untuk dipanen portal data, misalnya CKAN.",
            example="/catalog.jsonld",
            kind=JSON_LD,
            make=lambda site, ask: orjson.dumps(dcat.catalogue(site, ask, told)),
            group=ABOUT_IT,
            pace=api_series.PACE,
        ),
    )


def mount(site: Site) -> None:
    """Put every endpoint on the site."""
    for endpoint in endpoints():
        rule = BASE + endpoint.path.replace("{", "<").replace("}", ">")
        site.route(rule, functools.partial(_serve, site, endpoint), roles=EVERYONE)
    site.route(f"{BASE}/<path:rest>", _nowhere, roles=EVERYONE)
    site.app.server.after_request(_for_everyone)


def read(endpoint: Endpoint, given: Mapping[str, str], now: AsOf, root: str) -> Ask:
    """Read a question from the parameters of an address.

    Args:
        given: Of path and query, as text.
        now: The present moment.

    Raises:
        Problem: One of them is not known, or is not what it should be.
    """
    known = {param.name: param for param in endpoint.asks}
    if strange := sorted(set(given) - set(known)):
        raise Problem(
            400,
            f"Parameter “{strange[0][:40]}” tidak dikenal di sini. Yang dikenal:"
            f" {', '.join(sorted(known)) or 'tidak ada'}.",
            strange[0][:40],
        )
    values = {name: known[name].read(text) for name, text in given.items()}
    area = read_area(values.pop("wilayah", None))
    if area not in series.places("area"):
        raise Problem(404, "Wilayah ini tidak ada. Lihat kodenya di /api/v1/areas.", "wilayah")
    pada, seperti = values.pop("pada", None), values.pop("seperti", None)
    moment = now if pada is None else read_as_of(pada, seperti, now.event_time)
    if pada is not None and moment.live:
        raise Problem(
            400,
            "Saat ini tidak ada atau belum terjadi. Tulis seperti 2026-02-18T03:10 (WIB).",
            "pada",
        )
    return Ask(moment, area, values, root)


def _serve(site: Site, endpoint: Endpoint, **path: str) -> Response:
    try:
        return _answer(site, endpoint, path)
    except Problem as problem:
        return _refuse(problem)
    except Exception:
        reference = uuid.uuid4().hex[:8]
        log.exception("api.failed", endpoint=endpoint.id, reference=reference)
        return _refuse(Problem(500, f"Jawaban gagal dibuat. Kode kesalahan: {reference}."))


def _answer(site: Site, endpoint: Endpoint, path: Mapping[str, str]) -> Response:
    if len(request.query_string) > LONGEST_ADDRESS:
        raise Problem(400, "Alamat terlalu panjang. Kurangi parameternya.")
    given = {**request.args.to_dict(), **path}
    if twice := [name for name, values in request.args.lists() if len(values) > 1 or name in path]:
        raise Problem(400, f"Parameter “{twice[0][:40]}” ditulis dua kali.", twice[0][:40])
    ask = read(endpoint, given, AsOf.now(site.clock.now()), f"{site.address.rstrip('/')}/")
    media = _media(endpoint, ask)

    def make() -> bytes:
        tag, follow, body = _made(site, endpoint, ask, media)
        return f"{tag} {follow}\n".encode() + body

    head, _, body = site.shelf.get(_key(site, endpoint, ask, media), make).partition(b"\n")
    tag, _, follow = head.decode().partition(" ")
    response = Response(body, mimetype=media)
    if follow:
        asked = urlencode({**request.args, "cursor": follow})
        response.headers["Link"] = f'<{ask.root}{request.path[1:]}?{asked}>; rel="next"'
    if media == CSV:
        response.headers["Content-Disposition"] = f'inline; filename="{endpoint.id}.csv"'
    response.vary.add("Accept")
    response.headers["Cache-Control"] = (
        f"public, max-age={LIVE_SECONDS if ask.as_of.live else PAST_SECONDS}"
    )
    response.set_etag(tag, weak=True)
    response.make_conditional(request)
    return response


def _media(endpoint: Endpoint, ask: Ask) -> str:
    if len(endpoint.media) == 1:
        return endpoint.media[0]
    if "format" in ask.values:
        return CSV if ask.values["format"] == "csv" else JSON
    return request.accept_mimetypes.best_match(endpoint.media, JSON)


def _key(site: Site, endpoint: Endpoint, ask: Ask, media: str) -> str:
    """Return what an answer is kept under; one of now is kept for the endpoint's pace."""
    if ask.as_of.live:
        moment = str(ask.as_of.event_time.timestamp() // endpoint.pace.total_seconds())
    else:
        moment = f"{ask.as_of.event_time.isoformat()}/{ask.as_of.known_time.isoformat()}"
    signature = site.versions.signature(endpoint.feeds, ask.as_of)
    chosen = urlencode(sorted(ask.values.items()))
    return "|".join(("api", endpoint.id, media, ask.root, signature, moment, ask.area, chosen))


def _made(site: Site, endpoint: Endpoint, ask: Ask, media: str) -> tuple[str, str, bytes]:
    """Return the tag, the cursor of what follows (empty on the last page) and the body."""
    if isinstance(endpoint, Document):
        body = endpoint.make(site, ask)
        return _digest(body), "", body
    assert isinstance(endpoint, Table)
    found, known, rows = told_rows(site, ask, endpoint)
    shown, paging = _page(rows, ask)
    units = {field.name: field.unit for field in endpoint.fields if field.unit}
    meta = {**about(site, ask, endpoint, found, known=known), "units": units, **paging}
    content = orjson.dumps({"data": shown, "meta": meta})
    follow = paging["next"] or ""
    if media == CSV:
        return _digest(content + CSV.encode()), follow, _csv(endpoint, shown)
    head = orjson.dumps({"as_of": as_of(ask)})
    return _digest(content), follow, head[:-1] + b"," + content[1:]


def _page(rows: list[dict[str, Any]], ask: Ask) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the rows of one page, and where it stands in the whole.

    A cursor is of one answer: where the rows changed since, going on would skip or repeat some.
    """
    of = _digest(orjson.dumps(rows))
    start, _, began = str(ask.values.get("cursor", "0")).partition("-")
    if began and began != of:
        raise Problem(
            410, "Data berubah sejak halaman sebelumnya. Mulai lagi tanpa cursor.", "cursor"
        )
    first = int(start)
    shown = rows[first : first + int(ask.values.get("limit", USUAL_ROWS))]
    end = first + len(shown)
    follow = f"{end}-{of}" if end < len(rows) else None
    return shown, {"count": len(rows), "returned": len(shown), "next": follow}


def _csv(table: Table, rows: list[dict[str, Any]]) -> bytes:
    """Return rows as CSV in UTF-8, the heading always; truth as in JSON, lists with "|"."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([field.name for field in table.fields])
    for row in rows:
        writer.writerow([inert(_cell(value)) for value in row.values()])
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return "|".join(value) if isinstance(value, list) else value


def _index(root: str) -> dict[str, Any]:
    base = f"{root.rstrip('/')}{BASE}"
    return {
        "title": api_openapi.TITLE,
        "version": api_openapi.VERSION,
        "page": f"{root}data",
        "openapi": f"{base}/openapi.json",
        "catalog": f"{base}/catalog.jsonld",
        "endpoints": [
            {
                "id": endpoint.id,
                "title": endpoint.title,
                "about": endpoint.about,
                "url": base + endpoint.path,
                "example": base + endpoint.example,
                "media": list(endpoint.media),
            }
            for endpoint in endpoints()
        ],
    }


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=DIGEST).hexdigest()


def _refuse(problem: Problem) -> Response:
    """Return a problem document."""
    told = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": request.path[:200],
    }
    at_fault = {} if problem.parameter is None else {"parameter": problem.parameter}
    response = Response(orjson.dumps(told | at_fault), status=problem.status, mimetype=PROBLEM)
    response.headers["Cache-Control"] = "no-store"
    return response


def _nowhere(rest: str) -> Response:
    """Answer an address that leads nowhere."""
    return _refuse(Problem(404, f"Alamat “{rest[:60]}” tidak ada. Lihat daftarnya di {BASE}/."))


def _for_everyone(response: Response) -> Response:
    """Let pages of others read what is open, and tell errors of the server as problems."""
    if not request.path.startswith(f"{BASE}/"):
        return response
    if response.status_code >= 400 and response.mimetype != PROBLEM:
        words = {403: "Tidak berwenang.", 405: "API ini hanya dibaca: gunakan GET."}
        detail = words.get(response.status_code, "Permintaan ini tidak dapat dijawab.")
        response = _refuse(Problem(response.status_code, detail))
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
    response.headers["Access-Control-Expose-Headers"] = "ETag, Link"
    return response
