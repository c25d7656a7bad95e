import mmap

import pytest

from etl.documents import csv_items, csv_rows, json_document, json_list, xml_document
from etl.errors import BadField, Malformed
from etl.feed import Reject
from etl.reading import number, raw_text

HTML = b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "isinya kosong"),
        (b"  \n", "ditemukan spasi saja"),
        (HTML, "ditemukan halaman HTML"),
        (b'{"a": [1, 2', "ditemukan JSON yang rusak atau terpotong"),
        (b"\x1f\x8b\x08rest", "ditemukan data terkompresi"),
        (b"[" * 100_000, "terlalu dalam"),
        (b'"\\ud800"', "seharusnya JSON"),
        (b"\xff\xfe\x00", "seharusnya JSON"),
    ],
)
def test_what_is_not_json_is_named(body, reason):
    with pytest.raises(Malformed, match=reason):
        json_document(body)


def test_a_fault_in_json_is_located():
    with pytest.raises(Malformed) as raised:
        json_document(b'{"a": 1, oops}')
    assert raised.value.position == 9


@pytest.mark.parametrize("written", [b"NaN", b"Infinity", b"1e999", b"9" * 400])
def test_a_number_that_is_none_costs_only_its_row(written):
    row = json_document(b'{"value": ' + written + b"}")
    with pytest.raises(BadField, match="berhingga"):
        number(row, "value")


def test_json_is_read_from_a_memory_map(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b'{"a": [1]}')
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as body:
        assert json_list(json_document(body), "a") == [1]


@pytest.mark.parametrize("document", [{}, {"a": {}}, {"a": {"b": {}}}, [], None, {"a": {"b": 1}}])
def test_a_list_that_is_not_there_is_named(document):
    with pytest.raises(Malformed, match=r"seharusnya daftar pada a\.b"):
        json_list(document, "a", "b")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "isinya kosong"),
        (HTML[:40], "ditemukan halaman HTML"),
        (b"<alert><info></alert>", "ditemukan XML yang rusak atau terpotong"),
        (b"{}", "ditemukan JSON yang rusak atau terpotong"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "tanpa deklarasi entitas"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "seharusnya XML"),
    ],
)
def test_what_is_not_xml_is_named(body, reason):
    with pytest.raises(Malformed, match=reason):
        xml_document(body)


@pytest.mark.parametrize(
    "body",
    [
        b"a,b\n1,2\n",
        b"a;b\r\n1;2",
        b"\xef\xbb\xbfA, B\n1,2",
        b'"a","b"\n"1","2"\n\n',
    ],
)
def test_separators_marks_and_blank_lines_make_no_difference(body):
    assert list(csv_rows(body, ("a", "b"))) == [{"a": "1", "b": "2"}]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "isinya kosong"),
        (HTML, "dengan kolom a, b,"),
        (b"a,c\n1,2\n", "dengan kolom b,"),
        (b"x" * 1_000_000, "dengan kolom a, b,"),
    ],
)
def test_a_csv_without_its_columns_is_malformed(body, reason):
    with pytest.raises(Malformed, match=reason):
        list(csv_rows(body, ("a", "b")))


def test_a_line_that_does_not_fit_the_header_is_rejected_and_harms_no_other():
    found = list(csv_rows(b"a,b\n1\n1,2,3\n1,2\n", ("a", "b")))
    assert found == [
        Reject("1 sel untuk 2 kolom", raw='baris 2: ["1"]'),
        Reject("3 sel untuk 2 kolom", raw='baris 3: ["1","2","3"]'),
        {"a": "1", "b": "2"},
    ]


def test_a_cell_of_a_million_characters_is_rejected_and_harms_no_other():
    found = list(csv_rows(b"a,b\n" + b"x" * 1_000_000 + b",1\n1,2\n", ("a", "b")))
    assert [type(one) for one in found] == [Reject, dict]
    assert found[0].reason.startswith("baris tidak terbaca sebagai CSV")
    assert found[0].raw == "baris 2: "


def test_a_quote_that_is_never_closed_is_named_with_its_line():
    [found] = csv_rows(b'a,b\n1,"2\n3,4\n', ("a", "b"))
    assert found == {"a": "1", "b": "2\n3,4\n"}
    [found] = csv_rows(b'a,b\n"1,2\n3,4\n', ("a", "b"))
    assert found.reason == "1 sel untuk 2 kolom; mungkin tanda kutip tidak ditutup"
    assert found.raw.startswith("baris 2: ")


def test_a_line_that_is_not_utf8_is_rejected_and_nothing_is_made_up_for_it():
    found = list(csv_rows("a,b\n1,café\n1,2\n".encode("cp1252"), ("a", "b")))
    assert found[0].reason.startswith("teks bukan UTF-8")
    assert found[1:] == [{"a": "1", "b": "2"}]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("a,b\n1,2\n".encode("utf-16"), "ditemukan teks UTF-16: simpan dulu sebagai CSV UTF-8"),
        (b"PK\x03\x04" + bytes(100), "ditemukan berkas Excel"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "ditemukan berkas Excel lama"),
        (b"%PDF-1.7", "ditemukan PDF"),
    ],
)
def test_what_a_spreadsheet_saved_otherwise_is_named_with_what_to_do(body, reason):
    with pytest.raises(Malformed, match=reason):
        list(csv_rows(body, ("a", "b")))


def test_a_csv_is_read_as_it_is_needed_and_leaves_a_memory_map_free(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a\n" + b"1\n" * 100_000)
    with path.open("rb") as file:
        body = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    rows = csv_rows(body, ("a",))
    assert next(rows) == {"a": "1"}
    body.close()


def test_each_line_of_a_csv_becomes_a_row_or_a_reject():
    found = list(
        csv_items(
            b"a\n1\nx\n1,2\n", ("a",), "rainfall", lambda line: {"rain_mm": number(line, "a")}
        )
    )
    assert found == [
        ("rainfall", {"rain_mm": 1.0}),
        Reject("bukan angka", "a", "baris 3: " + raw_text({"a": "x"})),
        Reject("2 sel untuk 1 kolom", raw='baris 4: ["1","2"]'),
    ]
