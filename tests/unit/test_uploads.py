"""Uploads: what a file may hold, what is said of one that may not, and what stands when."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import uploads
from data.store import Store
from data.uploads import UploadError, Uploads

NOW = datetime(2026, 3, 11, 20, 10, tzinfo=UTC)
AID = uploads.kinds()["bansos"]
HEAT = uploads.kinds()["suhu"]
GAMBIR, CIDENG = "31.71.01.1001", "31.71.01.1002"
GOOD = f"kode,penerima,kebutuhan\n{GAMBIR},10,20\n{CIDENG},30,25\n"
# Made up: no such person, and no such number.
NIK, PHONE = "3171014101900001", "0812-3456-7890"


def read(text, kind=AID, encoding="utf-8"):
    return uploads.read(kind, text.encode(encoding))


def refused(text, kind=AID):
    with pytest.raises(UploadError) as caught:
        read(text, kind)
    return str(caught.value)


@pytest.fixture
def kept(tmp_path):
    return Uploads(Store(f"sqlite:///{tmp_path}/store.sqlite"))


def keep(kept, text=GOOD, **changes):
    told = {
        "name": "bansos.csv",
        "source": "Dinas Sosial, rekap triwulan I",
        "dated": "2026-02-28",
        "simulated": False,
        "role": "operator",
        "at": NOW,
    }
    return kept.keep("bansos", text.encode(), **told | changes)


def test_a_file_is_read_by_kelurahan_and_column():
    assert read(GOOD) == {
        GAMBIR: {"penerima": 10.0, "kebutuhan": 20.0},
        CIDENG: {"penerima": 30.0, "kebutuhan": 25.0},
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_of_spreadsheets_are_read(encoding, separator):
    assert read(GOOD.replace(",", separator), encoding=encoding) == read(GOOD)


def test_a_line_that_names_the_separator_and_empty_lines_are_passed_over():
    assert read("sep=;\n\n" + GOOD.replace(",", ";") + ";;\n\n") == read(GOOD)


def test_a_name_may_stand_for_a_code_in_its_spellings():
    text = "Kelurahan;Penerima;Kebutuhan\nKel. Gambir;10;20\nCIDENG;30;25\n"
    assert read(text) == read(GOOD)


def test_a_code_may_come_without_dots():
    assert read(GOOD.replace(GAMBIR, GAMBIR.replace(".", ""))) == read(GOOD)


def test_a_name_that_runs_against_its_code_is_told():
    said = refused(f"kode,kelurahan,penerima,kebutuhan\n{GAMBIR},Cideng,1,2\n")
    assert f"Baris 2: kode {GAMBIR} adalah Gambir, bukan “Cideng”" in said


def test_an_empty_cell_is_no_zero():
    assert read(f"kode,penerima,kebutuhan\n{GAMBIR},,20\n{CIDENG},0,–\n") == {
        GAMBIR: {"kebutuhan": 20.0},
        CIDENG: {"penerima": 0.0},
    }


@pytest.mark.parametrize(
    ("cell", "value"),
    [("31,5", 31.5), ("31.5", 31.5), ("31", 31), ("0.125", 0.125), ("0,125", 0.125)],
)
def test_a_decimal_comma_and_a_decimal_point_are_both_read(cell, value):
    assert read(f"kode;suhu_c\n{GAMBIR};{cell}\n", HEAT)[GAMBIR]["suhu_c"] == value


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("1.234", "ribuan atau pecahan"),
        ("12,345", "ribuan atau pecahan"),
        ("-5", "kurang dari nol"),
        ("5,5", "bilangan bulat"),
        ("banyak", "bukan angka"),
        ("#REF!", "galat rumus Excel"),
        ("1,2E+05", "diubah Excel"),
        ("999999", "terlalu besar"),
        ("nan", "bukan angka"),
        ("=1+1", "bukan angka"),
    ],
)
def test_a_cell_that_is_no_count_is_told_with_its_row(cell, said):
    told = refused(f"kode;penerima;kebutuhan\n{CIDENG};1;1\n{GAMBIR};{cell};20\n")
    assert "Baris 3" in told
    assert said in told


def test_both_marks_in_one_number_are_read():
    assert read("kode;rth_m2\n31.71.01.1001;1.234,5\n", uploads.kinds()["rth"]) == {
        GAMBIR: {"rth_m2": 1234.5}
    }


def test_all_that_is_wrong_is_told_and_nothing_is_kept(kept):
    text = f"kode,penerima,kebutuhan\n31.71.99.9999,1,1\n{GAMBIR},x,1\n{CIDENG},1,1\n"
    with pytest.raises(UploadError) as caught:
        keep(kept, text)
    assert caught.value.faults[1:] == (
        "Baris 2: kode “31.71.99.9999” bukan kode kelurahan Jakarta.",
        "Baris 3: penerima “x” bukan angka.",
    )
    assert kept.of("bansos", NOW) == []


def test_many_faults_are_told_up_to_a_screenful():
    rows = "".join(f"31.99.99.{number},1,1\n" for number in range(1000, 1100))
    said = refused(f"kode,penerima,kebutuhan\n{rows}").splitlines()
    assert len(said) == 2 + uploads.MOST_TOLD
    assert said[-1] == "Dan 80 baris lain."


def test_a_kelurahan_twice_is_told_with_both_rows():
    said = refused(GOOD + f"{GAMBIR},1,1\n")
    assert f"Baris 4: Gambir ({GAMBIR}) sudah ada di baris 2" in said


def test_a_part_that_exceeds_its_whole_is_told_and_an_equal_one_is_not():
    head = "kode,penerima,kebutuhan,penerima_layak\n"
    assert "penerima_layak lebih besar daripada penerima" in refused(f"{head}{GAMBIR},10,20,30\n")
    assert "penerima_layak lebih besar daripada kebutuhan" in refused(f"{head}{GAMBIR},30,20,25\n")
    assert read(f"{head}{GAMBIR},10,20,10\n")[GAMBIR]["penerima_layak"] == 10


def test_a_code_that_a_spreadsheet_rounded_is_told():
    assert "diubah Excel" in refused("kode;penerima;kebutuhan\n3,17101E+09;1;1\n")


@pytest.mark.parametrize(
    "title",
    [
        *("Nama", "nama_penerima", "Nama Kepala Keluarga", "NIK", "No. KK", "KK", "tanggal_lahir"),
        *("alamat", "RT", "Telepon", "No HP", "email", "Keterangan"),
    ],
)
def test_a_column_about_persons_is_refused_with_what_to_do(title):
    said = refused(f"kode,{title},penerima,kebutuhan\n{GAMBIR},x,1,1\n")
    assert f"“{title}” tampak memuat data orang. Hapus kolom itu" in said
    assert "Kolom yang diterima: kode, kelurahan, penerima" in said


@pytest.mark.parametrize("cell", [NIK, " ".join([NIK[:6], NIK[6:12], NIK[12:]]), PHONE, "a@b.id"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_what_looks_like_a_persons_number_is_refused_and_not_repeated(cell, place):
    row = [GAMBIR, "1", "1"]
    row[place] = cell
    said = refused("kode;penerima;kebutuhan\n" + ";".join(row) + "\n")
    assert "Hapus data orang" in said
    assert cell not in said
    assert cell[:8] not in said


def test_a_persons_number_in_the_heading_is_not_repeated():
    assert NIK not in refused(f"kode,{NIK},penerima,kebutuhan\n{GAMBIR},1,1,1\n")


def test_any_other_column_is_refused_too():
    assert "“pendapat” tidak dikenal" in refused(
        f"kode,penerima,kebutuhan,pendapat\n{GAMBIR},1,1,x\n"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "tidak dapat dibedakan"),
        (b"PK\x03\x04rest", "buku kerja Excel"),
        (b"\xd0\xcf\x11\xe0rest", "buku kerja Excel"),
        (b"\x00\x01\x02\x03,\x04", "bukan teks CSV"),
        (b"kode|penerima|kebutuhan\n31.71.01.1001|1|1\n", "tidak dapat dibedakan"),
        (b"kode,penerima\n31.71.01.1001,1\n", "\u201ckebutuhan\u201d"),
        (b"penerima,kebutuhan\n1,1\n", "\u201ckode\u201d atau"),
        (b"kode,penerima,kebutuhan\n", "tidak memuat satu nilai pun"),
        (b"kode,kode,penerima,kebutuhan\n", "dua kali"),
        (b"kode,penerima,kebutuhan\n31.71.01.1001,1,1,9\n", "4 sel, judulnya 3"),
        (b"kode,penerima,kebutuhan\n,1,1\n", "tanpa kode dan nama"),
        (b"x" * (uploads.MOST_BYTES + 1), "paling besar 5 MB"),
        (b"kode,penerima,kebutuhan\n" + b"31.71.01.1001,1,1\n" * 2_001, "bukan jumlah per kelur"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(content, said):
    with pytest.raises(UploadError) as caught:
        uploads.read(AID, content)
    assert said in str(caught.value)


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode))
def test_any_bytes_are_read_or_refused(content):
    with suppress(UploadError):
        assert uploads.read(AID, b"kode,penerima,kebutuhan\n" + content)


@pytest.mark.parametrize("kind", uploads.kinds().values(), ids=lambda kind: kind.id)
def test_a_template_lists_every_kelurahan_and_is_read_once_it_is_filled_in(kind):
    lines = uploads.template(kind).decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + 267
    filled = [lines[0], lines[1].rstrip(",") + ",1" * len(kind.columns)]
    assert len(uploads.read(kind, "\n".join(filled + lines[2:]).encode())) == 1


def test_what_is_kept_names_role_time_source_day_and_fingerprints(kept):
    number = keep(kept)
    (found,) = kept.of("bansos", NOW)
    assert (found.id, found.role, found.at) == (number, "operator", NOW)
    assert (found.source, str(found.dated)) == ("Dinas Sosial, rekap triwulan I", "2026-02-28")
    assert found.values == read(GOOD)
    assert len({found.sha256, found.name_sha256}) == 2


def test_what_was_withdrawn_stood_until_then(kept):
    number = keep(kept)
    later = NOW + timedelta(hours=1)
    assert not kept.withdraw(number, role="pimpinan", at=later)
    assert kept.withdraw(number, role="operator", at=later)
    assert not kept.withdraw(number, role="operator", at=later)
    assert kept.chosen("bansos", later) is None
    assert kept.chosen("bansos", later - timedelta(minutes=1)).id == number
    assert kept.chosen("bansos", NOW - timedelta(minutes=1)) is None


def test_the_newest_counts_unless_one_is_named(kept):
    first = keep(kept)
    second = keep(kept, GOOD.replace(",10,", ",11,"))
    assert kept.chosen("bansos", NOW).id == second
    assert kept.chosen("bansos", NOW, str(first)).id == first
    assert kept.chosen("bansos", NOW, "99") is None


def test_the_same_file_of_the_same_day_is_kept_once(kept):
    keep(kept)
    with pytest.raises(UploadError, match="sudah diunggah"):
        keep(kept)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"source": " "}, "Tulis sumber"),
        ({"source": "x" * 201}, "paling panjang"),
        ({"source": f"hubungi {PHONE}"}, "nomor telepon"),
        ({"dated": ""}, "Isi tanggal"),
        ({"dated": "31/01/2026"}, "Isi tanggal"),
        ({"dated": "46053"}, "nomor seri Excel. Tulis 2026-01-31"),
        ({"dated": "2026-12-31"}, "hari ini"),
        ({"dated": "1999-12-31"}, "2000"),
    ],
)
def test_a_file_without_a_source_and_a_day_is_not_kept(kept, changes, said):
    with pytest.raises(UploadError, match=said):
        keep(kept, **changes)


def test_an_unknown_kind_is_refused(kept):
    with pytest.raises(UploadError, match="jenis"):
        kept.keep(
            "x",
            b"",
            name="",
            source="",
            dated="",
            simulated=False,
            role="operator",
            at=NOW,
        )
