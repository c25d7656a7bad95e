import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.redaction import redact, redact_all, without_reporter

# Nobody's: the names say so, the numbers are of unused ranges.
REMOVED = {
    "phone": ("Hubungi saya di 0812-0000-1234.", "Hubungi saya di [telepon]."),
    "phone with dots": ("telp 0812.0000.1234", "telp [telepon]"),
    "phone with +62": ("WA +62 812 0000 1234 ya", "WA [telepon] ya"),
    "phone with 62": ("6281200001234", "[telepon]"),
    "phone of the city": ("(021) 000 1234", "[telepon]"),
    "phone spelled out": ("0 8 1 2 0 0 0 0 1 2 3 4", "[telepon]"),
    "phone in wide digits": ("０８１２００００１２３４", "[telepon]"),
    "phone with nothing between": ("0812\u200b0000\u200b1234", "[telepon]"),
    "phone without area code": ("hp 555 01234", "hp [telepon]"),
    "NIK": ("NIK saya 3171000000001234.", "NIK saya [nomor]."),
    "NIK in groups": ("3171 0000 0000 1234", "[nomor]"),
    "NPWP": ("NPWP 01.234.567.8-901.000", "NPWP [nomor]"),
    "bank account": ("rek BCA 1234567890", "rek BCA [nomor]"),
    "customer number": ("ID pelanggan: 54-1234-5678", "ID pelanggan: [nomor]"),
    "e-mail": ("surat ke contoh.satu@example.org ya", "surat ke [surel] ya"),
    "e-mail in words": ("contoh (at) example.org", "[surel]"),
    "handle": ("cek @contoh.satu", "cek [akun]"),
    "network": ("IG: contoh_satu", "IG: [akun]"),
    "profile": ("lihat instagram.com/contoh", "lihat [akun]"),
    "plate": ("mobil B 1234 UJI parkir", "mobil [pelat] parkir"),
    "plate in small letters": ("motor b 1234 uji", "motor [pelat]"),
    "short plate": ("mobil B 1 UJI", "mobil [pelat]"),
    "plate without end": ("plat nomor B 1234", "plat nomor [pelat]"),
    "salutation": ("Pelakunya Bapak Contoh Samaran, tetangga", "Pelakunya Bapak [nama], tetangga"),
    "small letters": ("pak contoh membuang sampah", "pak [nama] membuang sampah"),
    "both salutations": ("Bapak/Ibu Contoh Samaran", "Bapak/Ibu [nama]"),
    "title": ("Pak RT Contoh sudah tahu", "Pak RT [nama] sudah tahu"),
    "a.n.": ("a.n. Contoh binti Samaran", "a.n. [nama]"),
    "on behalf": ("atas nama Contoh Samaran", "atas nama [nama]"),
    "name": ("nama: contoh samaran", "nama: [nama]"),
    "signature": ("Hormat saya, Contoh", "Hormat saya, [nama]"),
    "own address": (
        "saya tinggal di Jl. Melati No. 5, RT 03/RW 04, Kel. Menteng. Jl. Dewi Sartika rusak",
        "saya tinggal di [alamat]. Jl. Dewi Sartika rusak",
    ),
    "own house": (
        "Rumah saya di Gg. Mawar no.3, lubangnya di depan",
        "Rumah saya di [alamat], lubangnya di depan",
    ),
    "address by name": (
        "nama: contoh, alamat: Jl. Mawar 5 Jakarta Timur",
        "nama: [nama], alamat: [alamat]",
    ),
    "address of the reporter": (
        "Jl. Melati No. 3 (rumah pelapor: Ibu Contoh Warga, telp 0812-0000-1234)",
        "Jl. Melati No. 3 (rumah pelapor: [alamat], telp [telepon])",
    ),
}

KEPT = (
    "Jl. Kebon Sirih No. 12 RT 03/RW 05",
    "Jl. Kebon Sirih No 12 RT.003 RW.005, Kel. Gambir, Kec. Gambir 10110",
    "Jl. KH. Mas Mansyur No 5 depan warung Bu Tini",
    "Jl. Ibu Kartini, Gg. Pak Kasih, Jl. H. Agus Salim",
    "Jl. Pulo Mas Barat III, dekat Gelora Bung Karno",
    "Blok B 12 C No 4, Tower D 123 AB, Rusun Blok C 101 B",
    "KM 12 Tol Dalam Kota arah Cawang, tiang PJU B 201 XY",
    "Alamat: Jl. Mawar 5 Jakarta Timur",
    "koordinat -6.175392123456789, 106.827153123456",
    "-6.0812345678,106.8123456789",
    "Yth. Bapak Gubernur dan Bapak/Ibu Lurah, mohon bantuannya",
    "Pak Lurah Cililitan tidak peduli, ibu-ibu resah",
    "Laporan JK2310140085 sejak 01-02-2023 10.30 belum selesai",
    "Kerugian Rp 1.000.000.000, tinggi air 120 cm, pukul 08.00-10.00 WIB",
    "depan rumah saya banjir setinggi lutut",
    "kami tinggal menunggu jawaban",
    "DINAS CIPTA KARYA, TATA RUANG, DAN PERTANAHAN",
    "Media Sosial Gubernur/Wagub",
    "Kelurahan 31.71.06.1001",
    "hubungi 112 atau 1708",
)


@pytest.mark.parametrize("kind", REMOVED)
def test_personal_data_is_removed(kind):
    text, expected = REMOVED[kind]
    assert redact(text) == expected


@pytest.mark.parametrize("text", KEPT)
def test_the_place_of_the_problem_stays(text):
    assert redact(text) == text


def test_capital_letters_hide_nobody():
    assert redact("SAYA LAPOR BAPAK CONTOH SAMARAN DI JALAN MELATI") == (
        "SAYA LAPOR BAPAK [nama] DI JALAN MELATI"
    )


def test_the_reporters_own_name_goes_wherever_it_stands():
    assert redact("Dari contoh  samaran di RT 03", "Contoh Samaran") == "Dari [nama] di RT 03"


def test_a_street_that_bears_the_reporters_name_stays():
    assert without_reporter("Contoh Raya", "Jl. Contoh Raya rusak") == ("Jl. Contoh Raya rusak",)
    assert without_reporter("Melati", "Jl. Bunga Melati rusak", None) == (
        "Jl. Bunga Melati rusak",
        None,
    )


def test_a_reporter_called_warga_takes_no_word_away():
    assert redact("Warga resah", "Warga") == "Warga resah"


PIECES = st.sampled_from(
    [text for text, _ in REMOVED.values()]
    + list(KEPT)
    + [
        " ",
        ", ",
        ". ",
        "\n",
        "Pak ",
        "nama: ",
        "rumah saya di ",
        "B ",
        "08",
        "@",
        "[nama]",
        "é",
        "١",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=12), max_size=5).map("".join)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_redacting_twice_changes_nothing_more(text):
    once = redact(text)
    assert redact(once) == once


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXTS | st.none(), max_size=8))
def test_many_texts_are_redacted_as_one_by_one(texts):
    assert redact_all(pa.array(texts, pa.string())).to_pylist() == [
        text if text is None else redact(text) for text in texts
    ]


@pytest.mark.parametrize(
    "piece", ["a", "1", "pak ", "rumah saya di ", "a.b@", "nama: x, alamat", " "]
)
def test_a_hundred_thousand_characters_are_no_trap(piece):
    assert redact(piece * (100_000 // len(piece))) is not None
