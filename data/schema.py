"""The lake's schema: what a new lake is made of, and the steps that bring an older one up to it.

A lake carries its version in `schema_version`. `data/migrations/NNNN_what.sql` leads from version
NNNN-1 to NNNN; adding, renaming and widening columns work in place, any other change is a new
table, a copy and a swap. A lake newer than this code is refused.
"""

from __future__ import annotations

import re
from pathlib import Path

from data import rollups
from data.tables import TABLES, Column, Table

MIGRATIONS = Path(__file__).parent / "migrations"
FIRST_VERSION = 1
# A quarter of DuckDB's own: most questions are about a few days of a year's file.
ROW_GROUP_ROWS = 30_720
# Of complaints a scan of many columns takes a fourth less than from Snappy, and files are smaller.
COMPRESSION = "lz4_raw"

# Tables that are not facts: name -> (meaning, columns).
SYSTEM: dict[str, tuple[str, tuple[Column, ...]]] = {
    "schema_version": (
        "versi skema penyimpanan data",
        (
            Column("version", "INTEGER", "versi yang dicapai"),
            Column("applied_at", "TIMESTAMPTZ", "saat diterapkan"),
        ),
    ),
    "feeds": (
        "satu pendaftaran sumber data; yang terbaru berlaku",
        (
            Column("feed", "VARCHAR", "nama sumber data"),
            Column("title", "VARCHAR", "nama di layar"),
            Column("source", "VARCHAR", "yang menerbitkan"),
            Column("licence", "VARCHAR", "ketentuan penggunaan"),
            Column("tables", "VARCHAR", "tabel yang diisinya, dipisahkan koma"),
            Column(
                "every_s", "DOUBLE", "jarak antara dua proses; kosong untuk berkas riwayat", "detik"
            ),
            Column("late_s", "DOUBLE", "umur sejak dinyatakan terlambat", "detik"),
            Column("expired_s", "DOUBLE", "umur sejak dinyatakan kedaluwarsa", "detik"),
            Column(
                "clock",
                "VARCHAR",
                "umur dihitung dari kejadian terbaru (event) atau pengambilan terakhir (fetch)",
            ),
            Column("scheduled", "BOOLEAN", "dijadwalkan dalam feeds.toml"),
            Column("simulated", "BOOLEAN", "diarahkan feeds.toml ke kota simulasi"),
            Column("declared_at", "TIMESTAMPTZ", "saat didaftarkan"),
        ),
    ),
    "feed_runs": (
        "satu proses dari satu sumber data",
        (
            Column("run_id", "VARCHAR", "id proses"),
            Column("feed", "VARCHAR", "nama sumber data"),
            Column("started_at", "TIMESTAMPTZ", "mulai, menurut jam kota"),
            Column("finished_at", "TIMESTAMPTZ", "selesai, menurut jam kota"),
            Column(
                "outcome",
                "VARCHAR",
                "ok, empty (nihil), unchanged (tetap), partial (sebagian) atau failed (gagal)",
            ),
            Column("fetched", "BIGINT", "baris dibaca = baru + tetap + karantina", "baris"),
            Column("loaded", "BIGINT", "baris baru", "baris"),
            Column("unchanged", "BIGINT", "baris yang sudah diketahui", "baris"),
            Column(
                "quarantined", "BIGINT", "baris yang mustahil benar atau tidak terbaca", "baris"
            ),
            Column(
                "ended", "BIGINT", "baris penutup bagi yang tidak lagi dicantumkan sumber", "baris"
            ),
            Column("bytes", "BIGINT", "ukuran yang diterima", "byte"),
            Column("seconds", "DOUBLE", "lama proses menurut waktu nyata", "detik"),
            Column("error", "VARCHAR", "gangguan yang terjadi, untuk operator"),
            Column("raw_path", "VARCHAR", "data mentah dalam arsip, atau nama berkas"),
            Column("etag", "VARCHAR", "ETag data yang diterima"),
            Column("version", "BIGINT", "naik bila data sumber berubah"),
            Column("event_time", "TIMESTAMPTZ", "event_time terbaru sumber data sampai saat itu"),
            Column(
                "known_time", "TIMESTAMPTZ", "pengambilan terakhir yang berhasil sampai saat itu"
            ),
            Column("history", "BOOLEAN", "dimuat dari berkas, bukan langsung dari sumber"),
            Column("simulated", "BOOLEAN", "sumbernya kota simulasi"),
        ),
    ),
    "feed_days": (
        "proses satu sumber data dalam satu hari yang sudah lewat",
        (
            Column("day", "DATE", "hari selesainya, WIB"),
            Column("feed", "VARCHAR", "nama sumber data"),
            Column("simulated", "BOOLEAN", "sumbernya kota simulasi"),
            Column("runs", "BIGINT", "proses, tanpa pemuatan berkas riwayat"),
            Column("working", "BIGINT", "di antaranya yang tidak gagal"),
        ),
    ),
    "quarantine": (
        "satu baris yang ditolak beserta alasannya",
        (
            Column("run_id", "VARCHAR", "proses yang menolaknya"),
            Column("ordinal", "BIGINT", "nomor baris dalam proses"),
            Column("feed", "VARCHAR", "nama sumber data"),
            Column("table_name", "VARCHAR", "tabel tujuan, bila diketahui"),
            Column("recorded_at", "TIMESTAMPTZ", "saat dicatat"),
            Column("field", "VARCHAR", "kolom yang salah"),
            Column("reason", "VARCHAR", "alasan penolakan"),
            Column("raw", "VARCHAR", "isi baris, tanpa rahasia dan data pribadi"),
        ),
    ),
    "rollups_due": (
        "satu hari yang ringkasannya menunggu dihitung",
        (
            Column("table_name", "VARCHAR", "tabel fakta yang bertambah"),
            Column("simulated", "BOOLEAN", "yang bertambah adalah data simulasi"),
            Column("known_day", "DATE", "hari diketahuinya, WIB"),
        ),
    ),
    "area_shapes": (
        "batas satu wilayah",
        (
            Column("level", "VARCHAR", "kelurahan, kecamatan, kota atau rw"),
            Column("code", "VARCHAR", "kode Kemendagri"),
            Column("name", "VARCHAR", "nama"),
            Column("parent_code", "VARCHAR", "kode wilayah yang melingkupinya"),
            Column("geometry", "VARCHAR", "geometri GeoJSON"),
            Column("approximate", "BOOLEAN", "digambar dari titik, bukan hasil survei"),
            Column("source", "VARCHAR", "asal data"),
        ),
    ),
    "layers": (
        "satu fitur lapisan kota yang dimuat manual",
        (
            Column("layer", "VARCHAR", "nama lapisan"),
            Column("feature_id", "VARCHAR", "id dalam lapisan"),
            Column("name", "VARCHAR", "nama"),
            Column("geometry", "VARCHAR", "geometri GeoJSON"),
            Column("properties", "VARCHAR", "JSON"),
            Column("source", "VARCHAR", "asal data"),
            Column("dated", "DATE", "tanggal data"),
            Column("loaded_at", "TIMESTAMPTZ", "saat dimuat"),
        ),
    ),
}


def meaning(table: str) -> str:
    """Return what one row of a table of the lake is, for the data catalogue."""
    if table in TABLES:
        return TABLES[table].meaning
    if table in SYSTEM:
        return SYSTEM[table][0]
    derived = {rollup.name for rollup in rollups.all_rollups()}
    return "ringkasan harian, dihitung dari fakta" if table in derived else "tabel acuan"


def latest_version(folder: Path = MIGRATIONS) -> int:
    """Return the version that this code speaks."""
    return max((number for number, _ in steps(folder)), default=FIRST_VERSION)


def steps(folder: Path = MIGRATIONS) -> list[tuple[int, str]]:
    """Return (version reached, SQL) of every migration, oldest first."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = re.match(r"(\d{4})_\w+\.sql\Z", path.name)
        if match is None:
            raise ValueError(f"{path.name}: a migration is named NNNN_what.sql")
        found.append((int(match[1]), path.read_text(encoding="utf-8")))
    return found


def create_statements() -> list[str]:
    """Return the SQL that makes a new lake: options, tables, partitions, comments with units."""
    statements = [
        f"call lake.set_option('parquet_row_group_size', {ROW_GROUP_ROWS})",
        f"call lake.set_option('parquet_compression', '{COMPRESSION}')",
    ]
    for name, (meaning, columns) in SYSTEM.items():
        statements += _create(name, meaning, columns)
    statements.append("alter table feed_runs set partitioned by (year(finished_at))")
    for table in TABLES.values():
        statements += _create(table.name, table.meaning, table.all_columns)
        statements += _partition(table)
    return statements


def _create(name: str, meaning: str, columns: tuple[Column, ...]) -> list[str]:
    body = ", ".join(f"{column.name} {column.type}" for column in columns)
    return [
        f"create table {name} ({body})",
        f"comment on table {name} is {_quoted(meaning)}",
        *(
            f"comment on column {name}.{column.name} is {_quoted(_note(column))}"
            for column in columns
        ),
    ]


def _partition(table: Table) -> list[str]:
    if not table.partition:
        return []
    return [f"alter table {table.name} set partitioned by ({', '.join(table.partition)})"]


def _note(column: Column) -> str:
    return f"{column.meaning} [{column.unit}]" if column.unit else column.meaning


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
