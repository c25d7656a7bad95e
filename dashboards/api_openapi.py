"""The OpenAPI 3.1 document of the open API, made of the declarations that also serve it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from dashboards import api_meta
from dashboards.api_contract import BASE, CSV, JSON, Document, Endpoint, Param, Schema, Table

TITLE, VERSION = "API data terbuka Pusat Komando Jakarta", "1.0.0"
ABOUT = (
    "Hanya dibaca, tanpa kunci. Tiap jawaban menyebut saat yang dilihat (as_of), sumber, ketentuan"
    " pemakaian, umur, kesegaran dan apakah ia DATA SIMULASI. Waktu ditulis dengan +07:00 (WIB)."
    " Ketentuan pemakaian tiap sumber adalah ketentuan penerbitnya: lihat /feeds."
)
PROBLEMS = {
    "400": "Parameter tidak dikenal atau tidak dapat dibaca",
    "404": "Alamat, seri, wilayah, lapisan atau pesan ini tidak ada",
    "410": "Data berubah sejak halaman sebelumnya: mulai lagi tanpa cursor",
    "422": "Pertanyaan terbaca, tetapi tidak ada jawabannya",
}
_PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string", "description": "Nama kesalahan dalam bahasa Inggris"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "Yang keliru dan yang dapat dilakukan"},
        "instance": {"type": "string"},
        "parameter": {"type": "string", "description": "Parameter yang keliru"},
    },
    "required": ["type", "title", "status", "detail", "instance"],
}
_PAGING: Schema = {
    "units": {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "Satuan menurut kolom",
    },
    "count": {"type": "integer", "description": "Baris seluruhnya"},
    "returned": {"type": "integer", "description": "Baris dalam jawaban ini"},
    "next": {
        "type": ["string", "null"],
        "description": "Nilai cursor untuk halaman berikut; kosong pada yang terakhir",
    },
}


def document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """Return the document."""
    groups = dict.fromkeys(endpoint.group for endpoint in endpoints)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION, "description": ABOUT},
        "servers": [{"url": BASE}],
        "tags": [{"name": group} for group in groups],
        "paths": {endpoint.path: {"get": _operation(endpoint)} for endpoint in endpoints},
        "components": {
            "schemas": {
                "Problem": _PROBLEM,
                **api_meta.schemas(),
                **{schema_name(one): schema(one) for one in endpoints},
            },
            "responses": {
                status: {
                    "description": told,
                    "content": {
                        "application/problem+json": {
                            "schema": {"$ref": "#/components/schemas/Problem"}
                        }
                    },
                }
                for status, told in PROBLEMS.items()
            },
        },
    }


def schema_name(endpoint: Endpoint) -> str:
    """Return the name of an endpoint's schema: "WaterLevels"."""
    return "".join(part.capitalize() for part in re.split(r"\W", endpoint.id))


def schema(endpoint: Endpoint) -> Schema:
    """Return the JSON schema of an endpoint's answer."""
    if isinstance(endpoint, Document):
        return dict(endpoint.schema)
    assert isinstance(endpoint, Table)
    row = {
        "type": "object",
        "properties": {field.name: field.schema for field in endpoint.fields},
        "required": [field.name for field in endpoint.fields],
        "additionalProperties": False,
    }
    paging = {"type": "object", "properties": _PAGING, "required": list(_PAGING)}
    return {
        "type": "object",
        "properties": {
            "as_of": {"$ref": "#/components/schemas/AsOf"},
            "data": {"type": "array", "items": row},
            "meta": {"allOf": [{"$ref": "#/components/schemas/Meta"}, paging]},
        },
        "required": ["as_of", "data", "meta"],
    }


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for media in endpoint.media:
        if media == CSV:
            content[media] = {"schema": {"type": "string"}}
        elif media == JSON or media.endswith("+json"):
            content[media] = {"schema": {"$ref": f"#/components/schemas/{schema_name(endpoint)}"}}
        else:
            content[media] = {"schema": {"type": "string", "contentMediaType": media}}
    problems = {status: {"$ref": f"#/components/responses/{status}"} for status in PROBLEMS}
    return {
        "operationId": endpoint.id,
        "summary": endpoint.title,
        "description": f"{endpoint.about} Contoh: `{BASE}{endpoint.example}`",
        "tags": [endpoint.group],
        "parameters": [_parameter(param) for param in endpoint.asks],
        "responses": {
            "200": {
                "description": endpoint.title,
                "headers": {
                    "ETag": {"schema": {"type": "string"}},
                    "Link": {
                        "description": "Halaman berikut, rel=next; tanpa ini: halaman terakhir",
                        "schema": {"type": "string"},
                    },
                },
                "content": content,
            },
            "304": {"description": "Tidak berubah sejak ETag yang dikirim"},
            **problems,
        },
    }


def _parameter(param: Param) -> dict[str, Any]:
    return {
        "name": param.name,
        "in": "path" if param.in_path else "query",
        "required": param.in_path,
        "description": param.meaning,
        "schema": param.schema,
        "example": param.example,
    }
