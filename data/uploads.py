"""Uploads: figures per kelurahan that no feed tells, as CSV, and never anything about a person.

A file is read whole or not at all: whatever is wrong in it is listed row by row, with what to do,
and nothing of it is kept. The columns that a kind may have stand in
`data/reference/upload_columns.csv`; besides them only the kelurahan may be named. What was kept is
never changed: one that is withdrawn stays, so that a past moment shows what stood then.
"""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from types import MappingProxyType

from data import reference
from data.asof import WIB
from data.redaction import personal_data
from data.store import Store

MOST_BYTES = 5_000_000
LONGEST_SOURCE, MOST_TOLD, MOST_ROWS, MOST_KEPT = 200, 20, 2_000, 100
CODE, PLACE = "kode", "kelurahan"
# Headings under which a file names a kelurahan, in plain letters.
_CODES = frozenset({"kode", "kodekelurahan", "kodewilayah", "kodekemendagri", "code"})
_PLACES = frozenset({"kelurahan", "namakelurahan", "desakelurahan", "wilayah"})
_EARLIEST = date(2000, 1, 1)
_PERSONS = re.compile(
    r"nik|nokk|kartukeluarga|^kk$|ktp|nama|alamat|telepon|telp|^hp$|nohp|handphone|whatsapp|^wa$"
    r"|email|surel|lahir|ibukandung|rekening|npwp|^rt$|^rw$|keterangan|catatan|jeniskelamin"
)
_LONG_NUMBER = re.compile(r"(?<!\d)(?:\d[ .-]?){15}\d(?!\d)")
_PHONE = re.compile(r"(?:\+?62|0)8\d{7,11}")
_SCIENTIFIC = re.compile(r"\d([.,]\d+)?e\+?\d+", re.IGNORECASE)
_DOTTED = re.compile(r"(\d{2})(\d{2})(\d{2})(\d{4})")
_NUMBER = re.compile(r"[0-9]{1,9}")
_PLAIN_NUMBER = re.compile(r"\d+([.,]\d+)?")
# 1.234 is a thousand to one spreadsheet and one and a bit to another.
_THOUSANDS = re.compile(r"[1-9]\d{0,2}([.,]\d{3})+")
_BOTH_MARKS = re.compile(r"\d{1,3}(?:(\.)\d{3})+,\d+|\d{1,3}(?:(,)\d{3})+\.\d+")


class UploadError(Exception):
    """A file is not taken; the message, Indonesian, says what is wrong and what to do.

    Args:
        faults: What is wrong, one sentence each.
    """

    def __init__(self, *faults: str) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True)
class Column:
    """A column that a file may have.

    Args:
        unit: Unit on screen.
        whole: Only whole numbers.
        needed: A file without it is not taken.
        high: Largest value that can be true.
        within: Ids of columns whose value it cannot exceed.
    """

    id: str
    name: str
    unit: str
    whole: bool
    needed: bool
    high: float
    within: tuple[str, ...]
    meaning: str


@dataclass(frozen=True)
class Kind:
    """What a file may be about."""

    id: str
    title: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Upload:
    """A file that was kept.

    Args:
        values: By kelurahan and column; a value that the file left empty is missing.
        source: Who published the figures, and where.
        dated: Day that they are of.
        simulated: They are made up, to try the card.
        role: Id of the role that brought it.
        at: When, aware.
        sha256: Of the file's bytes, in hexadecimal.
        name_sha256: Of its name, which may hold a person's.
    """

    id: int
    kind: str
    values: Mapping[str, Mapping[str, float]]
    source: str
    dated: date
    simulated: bool
    role: str
    at: datetime
    sha256: str
    name_sha256: str


class Uploads:
    """The uploads of all kinds.

    Args:
        store: Where they are kept.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, kind: str, at: datetime) -> list[Upload]:
        """Return those of a kind that stood at a moment (aware), newest first."""
        return [_upload(row) for row in self._store.uploads(kind, at, most=MOST_KEPT)]

    def chosen(self, kind: str, at: datetime, number: str = "") -> Upload | None:
        """Return the one of that number that stood at a moment (aware); usually the newest."""
        if number and not _NUMBER.fullmatch(number):
            return None
        asked = int(number) if number else None
        rows = self._store.uploads(kind, at, number=asked, most=1)
        return _upload(rows[0]) if rows else None

    def keep(
        self,
        kind: str,
        content: bytes,
        *,
        name: str,
        source: str,
        dated: str,
        simulated: bool,
        role: str,
        at: datetime,
    ) -> int:
        """Read a file, keep it and return its number.

        Args:
            name: Of the file; only its hash is kept.
            dated: Day that the figures are of, as in 2026-01-31.

        Raises:
            UploadError: The file, its source or its day cannot be taken.
        """
        asked = kinds().get(kind)
        if asked is None:
            raise UploadError("Pilih jenis data dari daftar.")
        # A NUL is text to SQLite and an error to PostgreSQL.
        source = " ".join(source.replace("\0", "").split())
        if not source or len(source) > LONGEST_SOURCE:
            raise UploadError(f"Tulis sumber data, paling panjang {LONGEST_SOURCE} huruf.")
        if said := personal_data(source):
            raise UploadError(f"Sumber memuat {said}. Sebut instansi dan dokumennya saja.")
        day = _read_day(dated, at.astimezone(WIB).date())
        values = read(asked, content)
        digest = sha256(content).hexdigest()
        standing = self.of(kind, at)
        if any((one.sha256, one.dated) == (digest, day) for one in standing):
            raise UploadError("Berkas ini sudah diunggah untuk tanggal yang sama.")
        if len(standing) >= MOST_KEPT:
            raise UploadError(f"Sudah ada {MOST_KEPT} berkas. Tarik dahulu yang tidak dipakai.")
        return self._store.keep_upload(
            {
                "kind": kind,
                "content": {code: dict(row) for code, row in values.items()},
                "source": source,
                "dated": day.isoformat(),
                "simulated": simulated,
                "role": role,
                "at": at,
                "sha256": digest,
                "name_sha256": sha256(name.encode()).hexdigest(),
            }
        )

    def withdraw(self, upload_id: int, *, role: str, at: datetime) -> bool:
        """Take an upload back; False where it is none, or another role brought it."""
        return self._store.withdraw_upload(upload_id, role, at)


@functools.cache
def kinds() -> Mapping[str, Kind]:
    """Return every kind by its id, in the order in which they are offered."""
    rows = reference.rows("upload_columns")
    titles = {row["kind"]: row["kind_title"] for row in rows}
    return MappingProxyType(
        {
            kind: Kind(
                kind,
                title,
                tuple(
                    Column(
                        row["column"],
                        row["name"],
                        row["unit"],
                        row["whole"] == "true",
                        row["needed"] == "true",
                        float(row["high"]),
                        tuple(filter(None, row["within"].split("|"))),
                        row["meaning"],
                    )
                    for row in rows
                    if row["kind"] == kind
                ),
            )
            for kind, title in titles.items()
        }
    )


@functools.cache
def kelurahan() -> Mapping[str, str]:
    """Return the name of every kelurahan by its code."""
    return MappingProxyType(
        {row["code"]: row["name"] for row in reference.rows("areas") if row["level"] == "kelurahan"}
    )


def template(kind: Kind) -> bytes:
    """Return a CSV to fill in: every kelurahan, the columns of a kind, and no value."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([CODE, PLACE, *(column.id for column in kind.columns)])
    writer.writerows([code, name, *[""] * len(kind.columns)] for code, name in kelurahan().items())
    # The mark tells spreadsheets that it is UTF-8.
    return text.getvalue().encode("utf-8-sig")


def read(kind: Kind, content: bytes) -> dict[str, dict[str, float]]:
    """Return the values of a file by kelurahan and column.

    UTF-8 with or without mark, UTF-16 and Windows-1252; comma, semicolon or tab between cells; a
    decimal comma or point.

    Raises:
        UploadError: Anything in it is wrong; all of it is told.
    """
    if len(content) > MOST_BYTES:
        raise UploadError(
            f"Berkas terlalu besar: paling besar {MOST_BYTES // 1_000_000} MB. Unggah hanya jumlah"
            " per kelurahan, satu baris tiap kelurahan."
        )
    head, rows = _cells(_text(content))
    places = _columns(kind, head)
    faults: list[str] = []
    values: dict[str, dict[str, float]] = {}
    lines: dict[str, int] = {}
    for line, cells in rows:
        if len(cells) > len(head):
            faults.append(
                f"Baris {line}: {len(cells)} sel, judulnya {len(head)}. Rapikan kolomnya."
            )
            continue
        named = {name: cells[place] for name, place in places.items() if place < len(cells)}
        if any(map(_is_person, cells)):
            # What may be somebody's number is not repeated, neither on screen nor in a log.
            faults.append(
                f"Baris {line}: memuat nomor seperti NIK, KK atau telepon. Hapus data orang; unggah"
                " hanya jumlah per kelurahan."
            )
            continue
        code, fault = _code(named.get(CODE, ""), named.get(PLACE, ""))
        if code and code in lines:
            fault = f"{kelurahan()[code]} ({code}) sudah ada di baris {lines[code]}"
        found: dict[str, float] = {}
        for column in kind.columns if not fault else ():
            value, fault = _number(named.get(column.id, ""), column)
            if fault:
                break
            if value is not None:
                found[column.id] = value
        fault = fault or _beyond(kind, found)
        if fault:
            faults.append(f"Baris {line}: {fault}.")
            continue
        lines[code] = line
        if found:
            values[code] = found
    if len(faults) > MOST_TOLD:
        faults[MOST_TOLD:] = [f"Dan {len(faults) - MOST_TOLD} baris lain."]
    if faults:
        raise UploadError("Tidak ada yang disimpan. Perbaiki lalu unggah lagi:", *faults)
    if not values:
        raise UploadError("Berkas ini tidak memuat satu nilai pun.")
    return values


def _text(content: bytes) -> str:
    if content[:2] == b"PK" or content[:4] == b"\xd0\xcf\x11\xe0":
        raise UploadError("Ini buku kerja Excel, bukan CSV. Simpan sebagai “CSV UTF-8”.")
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"", "utf-8-sig")):
        if content.startswith(mark):
            try:
                text = content.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    else:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise UploadError("Berkas ini bukan teks CSV. Unduh templat dan isi di sana.")
    return text


def _cells(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the heading and each further row that is not empty, with its line number."""
    lines = text.splitlines()
    # Excel writes which separator it used above the heading.
    said = re.fullmatch(r"sep=(.)", lines[0].strip()) if lines else None
    first = next((line for line in lines[1 if said else 0 :] if line.strip()), "")
    separator = said[1] if said else max(",;\t", key=first.count)
    if separator not in first:
        raise UploadError(
            "Kolom tidak dapat dibedakan. Pisahkan dengan koma, titik koma atau tab, dengan baris"
            " judul seperti pada templat."
        )
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    rows: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped) and not stripped[0].lower().startswith("sep="):
                rows.append((reader.line_num, stripped))
            if len(rows) > MOST_ROWS:
                raise UploadError(
                    f"Lebih dari {MOST_ROWS} baris: ini bukan jumlah per kelurahan. Jumlahkan dulu;"
                    " data per orang atau keluarga tidak diterima."
                )
    except csv.Error as error:
        raise UploadError("Tanda kutip di berkas ini tidak berpasangan. Simpan ulang.") from error
    if not rows:
        raise UploadError("Berkas ini kosong. Unduh templat dan isi di sana.")
    return rows[0][1], rows[1:]


def _columns(kind: Kind, head: Sequence[str]) -> dict[str, int]:
    """Return at which place each known column stands.

    Raises:
        UploadError: One looks like persons, is not known, stands twice or is missing.
    """
    known = {column.id for column in kind.columns}
    found: dict[str, int] = {}
    faults: list[str] = []
    for place, title in enumerate(head):
        plain = reference.plain(title)
        name = (
            CODE
            if plain in _CODES
            else PLACE
            if plain in _PLACES
            else next((one for one in known if reference.plain(one) == plain), "")
        )
        if name and name in found:
            faults.append(f"Kolom “{name}” ada dua kali. Sisakan satu.")
        elif name:
            found[name] = place
        elif _PERSONS.search(plain) or _is_person(title):
            shown = "" if _is_person(title) else f" “{title[:40]}”"
            faults.append(
                f"Kolom ke-{place + 1}{shown} tampak memuat data orang. Hapus kolom itu: hanya"
                " jumlah per kelurahan yang diterima."
            )
        elif title:
            faults.append(f"Kolom ke-{place + 1} “{title[:40]}” tidak dikenal. Hapus kolom itu.")
        else:
            faults.append(f"Kolom ke-{place + 1} tidak berjudul. Hapus kolom itu.")
    if not {CODE, PLACE} & found.keys():
        faults.append("Kolom “kode” atau “kelurahan” tidak ada. Pakai judul seperti pada templat.")
    faults += [
        f"Kolom “{column.id}” ({column.meaning.lower()}) tidak ada. Tambahkan."
        for column in kind.columns
        if column.needed and column.id not in found
    ]
    if faults:
        accepted = ", ".join([CODE, PLACE, *(column.id for column in kind.columns)])
        raise UploadError(*faults, f"Kolom yang diterima: {accepted}.")
    return found


def _is_person(cell: str) -> bool:
    digits = re.sub(r"[ .()-]", "", cell)
    return bool(_LONG_NUMBER.search(cell) or _PHONE.fullmatch(digits) or "@" in cell)


def _code(code: str, name: str) -> tuple[str, str]:
    """Return the code of a kelurahan, or what is wrong with how it is named."""
    if _SCIENTIFIC.fullmatch(code):
        return "", f"kode “{code}” diubah Excel. Atur kolom kode sebagai teks"
    dotted = _DOTTED.fullmatch(code)
    given = ".".join(dotted.groups()) if dotted else code
    if given and given not in kelurahan():
        return "", f"kode “{code[:20]}” bukan kode kelurahan Jakarta"
    named = reference.kelurahan_codes().get(_plain_place(name), "") if name else ""
    if name and not named:
        return "", f"kelurahan “{name[:40]}” tidak dikenal"
    if not given and not named:
        return "", "tanpa kode dan nama kelurahan. Baris jumlah tidak diterima"
    if given and named and given != named:
        return "", f"kode {given} adalah {kelurahan()[given]}, bukan “{name[:40]}”"
    return given or named, ""


def _plain_place(name: str) -> str:
    return reference.plain(re.sub(r"^kel(\.|urahan)?\s+", "", name, flags=re.IGNORECASE))


def _number(cell: str, column: Column) -> tuple[float | None, str]:
    """Return the value of a cell, None where it is empty, or what is wrong with it."""
    what = f"{column.id} “{cell[:20]}”"
    if cell in ("", "-", "–"):
        return None, ""
    if cell.startswith("-") and _PLAIN_NUMBER.fullmatch(cell[1:]):
        return None, f"{what} kurang dari nol"
    if cell.startswith("#"):
        return None, f"{what} adalah galat rumus Excel"
    if _SCIENTIFIC.fullmatch(cell):
        return None, f"{what} diubah Excel. Tulis angka utuh"
    if _THOUSANDS.fullmatch(cell):
        return None, f"{what} dapat dibaca ribuan atau pecahan. Tulis ribuan tanpa pemisah"
    both = _BOTH_MARKS.fullmatch(cell)
    if both:
        cell = cell.replace(both[1] or both[2], "")
    elif not _PLAIN_NUMBER.fullmatch(cell):
        return None, f"{what} bukan angka"
    value = float(cell.replace(",", "."))
    if column.whole and not value.is_integer():
        return None, f"{what} harus bilangan bulat"
    if value > column.high:
        return None, f"{what} terlalu besar untuk satu kelurahan"
    return value, ""


def _beyond(kind: Kind, found: Mapping[str, float]) -> str:
    """Return which value exceeds another that it is a part of; empty where none does."""
    return next(
        (
            f"{column.id} lebih besar daripada {other}"
            for column in kind.columns
            for other in column.within
            if column.id in found and other in found and found[column.id] > found[other]
        ),
        "",
    )


def _read_day(text: str, today: date) -> date:
    text = text.strip()
    if re.fullmatch(r"\d{5}", text):
        day = date(1899, 12, 30) + timedelta(days=int(text))
        raise UploadError(f"“{text}” tampak sebagai nomor seri Excel. Tulis {day.isoformat()}.")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UploadError("Isi tanggal data, misalnya 2026-01-31.") from None
    if not _EARLIEST <= day <= today:
        raise UploadError("Tanggal data harus antara tahun 2000 dan hari ini.")
    return day


def _upload(row: Mapping[str, object]) -> Upload:
    fields = {key: row[key] for key in ("id", "kind", "source", "simulated", "role", "at")}
    return Upload(
        **fields,  # type: ignore[arg-type]
        values=MappingProxyType(dict(row["content"])),  # type: ignore[call-overload]
        dated=date.fromisoformat(str(row["dated"])),
        sha256=str(row["sha256"]),
        name_sha256=str(row["name_sha256"]),
    )
