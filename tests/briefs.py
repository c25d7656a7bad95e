"""Briefs made by hand for tests of page and paper: a full, an empty and an overfull one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from data.brief.model import (
    Attention,
    Comment,
    Comparison,
    Content,
    Decision,
    Edition,
    Figure,
    Followed,
    Review,
    Sentence,
    Source,
    Unknown,
)

CUT = datetime(2025, 3, 11, 23, 15, tzinfo=UTC)
ADDRESS = "http://127.0.0.1:8050"


def source(number: int, query: str = "gates_now", **changes: object) -> Source:
    made = Source(
        number=number,
        query=query,
        asked="wilayah 31",
        feeds=("dsda_levels",),
        origin="Dinas Sumber Daya Air",
        event_time=CUT,
        known_time=CUT,
        newest=CUT - timedelta(minutes=5),
        rows=13,
        sha256=f"{number:02x}" * 32,
        replay="/banjir?pada=2025-03-12T06:15&seperti=saat-itu",
        simulated=True,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def figure(number: int, title: str, value: str, unit: str, **changes: object) -> Figure:
    made = Figure(
        id=f"angka-{number}",
        title=title,
        state="known",
        value=value,
        unit=unit,
        detail="Siaga 1: 1 · Siaga 2: 1 · Siaga 3: 2",
        comparisons=(
            Comparison("kemarin pukul yang sama", "naik 3 pos", True),
            Comparison("median Rabu empat pekan terakhir", "naik 4 pos", True),
            Comparison("tahun lalu", "relatif tetap", False),
        ),
        notes=(number,),
        trend=(1.0, 1.0, 2.0, None, 2.0, 3.0, 4.0),
        trend_label="7 hari terakhir",
        link="/banjir",
    )
    return replace(made, **changes)  # type: ignore[arg-type]


FIGURES = (
    figure(1, "Pos pintu air siaga", "4", "dari 13 pos"),
    figure(2, "RT tergenang", "24", "RT", detail="di 5 kelurahan; terdalam 80 cm"),
    figure(3, "Pompa aktif", "172 dari 191", "pompa", detail="12 siap · 3 nonaktif · 4 tanpa data"),
    figure(4, "Pengaduan lewat tenggat", "1.284", "laporan", detail="dari 9.412 yang berjalan"),
    figure(
        5,
        "Kemacetan terhadap biasanya",
        "+18",
        "%",
        detail="kecepatan 17,4 km/jam",
        comparisons=(Comparison("median Rabu empat pekan terakhir", "relatif tetap", False),),
    ),
    figure(
        6,
        "Stasiun udara Tidak Sehat atau lebih buruk",
        "",
        "",
        state="unknown",
        detail="",
        comparisons=(),
        trend=(),
        notes=(6,),
    ),
)

FULL = Content(
    kind="pagi",
    cut=CUT,
    status_level=3,
    opening=(
        Sentence(
            "status-kota",
            "Status Operasional Kota: Tinggi, naik sejak pukul 03.10 WIB karena Pintu Air"
            " Manggarai mencapai Siaga 2.",
            (1, 2),
            "/banjir",
        ),
        Sentence(
            "yang-diputuskan",
            "Satu keputusan menunggu: penutupan Pintu Air Manggarai sebelum pukul 07.00 WIB.",
            (1,),
        ),
    ),
    decisions=(
        Decision(
            Sentence(
                "keputusan:manggarai",
                "Tinggi muka air P.A. Manggarai 872 cm (Siaga 2 – Siaga) pada pukul 06.10 WIB.",
                (1,),
                "/banjir?pos=manggarai",
            ),
            (
                "Buka Pintu Air Manggarai penuh ke Kanal Banjir Barat",
                "Tahan dan tambah pompa di Karet",
            ),
            "Gubernur",
            CUT + timedelta(minutes=45),
        ),
    ),
    attention=tuple(
        Attention(
            f"perhatian-{number}",
            Sentence(f"perhatian:{number}", text, (number,), "/banjir"),
            level,
            severity,
            CUT - timedelta(hours=number),
            usual,
            handler,
            "pukul 06.30 WIB",
        )
        for number, (text, level, severity, usual, handler) in enumerate(
            (
                (
                    "Tinggi muka air Pintu Air Manggarai 872 cm, naik 37 cm dalam 3 jam.",
                    2,
                    "Siaga 2 – Siaga",
                    "biasanya 560–620 cm pada jam ini",
                    "Dinas SDA",
                ),
                (
                    "Terdapat 24 RT tergenang di 5 kelurahan; terdalam 80 cm di Kampung Melayu.",
                    3,
                    "Siaga 3 – Waspada",
                    "median nol RT",
                    "BPBD",
                ),
                (
                    "Enam pompa di Rumah Pompa Ancol tidak melapor sejak pukul 04.50 WIB.",
                    5,
                    "Penting",
                    "",
                    "",
                ),
            ),
            start=1,
        )
    ),
    figures=FIGURES,
    followed=(
        Followed(
            "arahan-1",
            "terlambat",
            "Keruk Kali Krukut ruas Kemang sebelum puncak musim hujan.",
            "dari Gubernur · Dinas SDA · tenggat 10 Maret 2025 · tanpa bukti",
            (5,),
        ),
        Followed(
            "arahan-2",
            "selesai",
            "Tambah petugas jaga di 13 pintu air selama sepekan.",
            "dari Gubernur · Dinas SDA · bukti ND 118/2025",
            (5,),
        ),
    ),
    performance=(
        Sentence(
            "tingkat-naik",
            "Dua kelurahan naik tingkat kinerja dalam sepekan: Cideng dan Gambir (rentang 90 persen"
            " peringkat 12–48).",
            (4,),
            "/peringkat",
        ),
    ),
    unknown=(
        Unknown(
            "angka-6",
            "Tidak dapat dinilai: umpan Udara Jakarta terakhir diterima 96 menit lalu.",
            "jumlah stasiun Tidak Sehat dan butir perhatian tentang udara",
            (6,),
        ),
        Unknown("korban", "Korban dan pengungsi belum diketahui.", "status kota dan butir 2", ()),
    ),
    outlook=(
        Sentence(
            "bmkg",
            "BMKG: hujan sedang di Jakarta Selatan dan Timur sampai pukul 12.00 WIB.",
            (3,),
            "/publik",
        ),
        Sentence(
            "gelombang",
            "Puncak di Manggarai diperkirakan pukul 08.10–10.40 WIB (rentang 90 persen).",
            (1,),
        ),
    ),
    sources=tuple(
        source(number, query)
        for number, query in enumerate(
            (
                "gates_now",
                "inundations_now",
                "pumps_now",
                "complaints_today",
                "directives",
                "air_now",
            ),
            start=1,
        )
    ),
    simulated=True,
)

EMPTY = Content(
    kind="pagi",
    cut=CUT,
    status_level=0,
    opening=(),
    decisions=(),
    attention=(),
    figures=tuple(
        replace(
            one, state="unknown", value="", unit="", detail="", comparisons=(), trend=(), notes=()
        )
        for one in FIGURES
    ),
    followed=(),
    performance=(),
    unknown=(Unknown("feed:dsda_levels", "Belum ada data muka air.", "seluruh bagian banjir"),),
    outlook=(),
    sources=(),
    simulated=False,
)

# As long as a night of floods makes them: three decisions with their options and five alarms.
FLOOD_NIGHT = replace(
    FULL,
    opening=tuple(
        Sentence(f"pembuka-{n}", text, (n,))
        for n, text in enumerate(
            (
                "Status Operasional Kota: Sangat Tinggi, tetap sejak pukul 10.28 WIB karena 2 pos"
                " di Siaga 1 – Bahaya: Pos Sawangan, Bendung Katulampa.",
                "Yang perlu diputuskan Gubernur sebelum pukul 13.26 WIB: pintu air dan evakuasi,"
                " peringatan Siaga 1 – Bahaya di 5 pos.",
                "Terdapat 45 RW tergenang di 30 kelurahan; terdalam 71–150 cm di RW 10 Kelurahan"
                " Jati Padang.",
                "501 dari 513 pompa dilaporkan aktif, 5 siap (idle), 0 nonaktif; 4 rumah pompa"
                " tanpa data.",
            ),
            start=1,
        )
    ),
    decisions=tuple(
        Decision(
            Sentence(f"keputusan-{n}", f"Keputusan {n}: {text}", (2, 3, 4), "/peringatan"),
            options,
            "Sekretaris Daerah / Satkorlak",
            CUT + timedelta(hours=n),
        )
        for n, (text, options) in enumerate(
            (
                (
                    "peringatan Siaga 1 – Bahaya berlaku di Pos Sawangan (350 cm), Bendung"
                    " Katulampa (231 cm) dan 3 lainnya.",
                    (
                        "Laporkan kepada Gubernur: keputusan pintu air dan evakuasi.",
                        "Mulai evakuasi kelompok rentan di bantaran; buka tempat pengungsian.",
                    ),
                ),
                (
                    "belum ditandai diketahui sejak pukul 10.19 WIB: muka air Waduk Pluit Siaga 2"
                    " – Siaga (17 cm); juga P.A. Hek dan 5 lainnya.",
                    (
                        "Siagakan pompa di hilir dan satgas evakuasi di titik rendah.",
                        "Beri tahu camat dan lurah di bantaran; siapkan tempat pengungsian.",
                    ),
                ),
                (
                    "status kota Sangat Tinggi meminta Gubernur menetapkan status tanggap darurat"
                    " banjir dan membuka anggaran belanja tidak terduga.",
                    (),
                ),
            ),
            start=1,
        )
    ),
    attention=tuple(
        Attention(
            f"perhatian-{n}",
            Sentence(
                f"perhatian:{n}",
                f"Perhatian {n}: tinggi muka air Pos Mookevart 249 cm (Siaga 3 – Waspada) pada"
                " pukul 10.34 WIB, naik 151 cm dalam 3 jam; juga P.A. Hek dan 11 lainnya.",
                (2, 4, 7),
                "/banjir",
            ),
            3,
            "Siaga 3 – Waspada",
            CUT - timedelta(minutes=18),
            "ambang 200 cm, terlampaui 49 cm; 23 jam sebelumnya 101 cm",
            "kepala suku dinas; belum ditandai diketahui",
            "tiap 30 menit, berikutnya paling lambat pukul 11.07 WIB",
        )
        for n in range(1, 6)
    ),
    figures=tuple(replace(FIGURES[0], id=f"angka-{n}") for n in range(6)),
)

_LONG = (
    "Tinggi muka air Pintu Air Karet Tengsin Pejompongan Kanal Banjir Barat 672 cm (Siaga 2 –"
    " Siaga) pada pukul 05.50 WIB, naik 137 cm dalam 3 jam; puncak diperkirakan pukul 07.10–09.40"
    " WIB (rentang 90 persen), di atas puncak tertinggi sejak 2021 yang 641 cm."
)

OVERFULL = replace(
    FULL,
    opening=tuple(Sentence(f"pembuka-{n}", _LONG, (n + 1, n + 2, n + 3)) for n in range(4)),
    decisions=tuple(
        Decision(
            Sentence(f"keputusan:{n}", _LONG, (n + 1,)),
            tuple(f"Pilihan {letter}: {_LONG[:140]}" for letter in "abcd"),
            "Gubernur Daerah Khusus Ibukota Jakarta bersama Pelaksana Harian Sekretaris Daerah",
            CUT + timedelta(hours=n + 1),
        )
        for n in range(3)
    ),
    attention=tuple(
        replace(
            FULL.attention[0],
            id=f"perhatian-{n}",
            what=Sentence(f"perhatian:{n}", _LONG, (n + 1, n + 2)),
            usual="biasanya 560–620 cm pada jam ini menurut sepuluh tahun terakhir pengukuran",
            handler="Dinas Sumber Daya Air Provinsi Daerah Khusus Ibukota Jakarta",
        )
        for n in range(5)
    ),
    figures=tuple(
        replace(
            one,
            state="known",
            title="Kemacetan terhadap biasanya di seluruh koridor utama",
            value="185.852 dari 191.004",
            unit="laporan",
            detail="Siaga 1: 13 · Siaga 2: 13 · Siaga 3: 13 · Siaga 4: 13 · tanpa data: 13 pos",
            comparisons=FIGURES[0].comparisons,
            trend=FIGURES[0].trend,
        )
        for one in FIGURES
    ),
    followed=tuple(replace(FULL.followed[0], id=f"arahan-{n}", text=_LONG) for n in range(20)),
    performance=tuple(Sentence(f"tingkat-{n}", _LONG, (n + 1,)) for n in range(6)),
    unknown=tuple(Unknown(f"feed:{n}", _LONG, _LONG[:120], (n + 1,)) for n in range(17)),
    outlook=tuple(Sentence(f"prakiraan-{n}", _LONG, (n + 1,)) for n in range(6)),
    sources=tuple(
        source(
            n,
            "complaint_stints_by_unit_and_category",
            asked="wilayah 31, sejak 2026-11-21, sampai 2026-11-22, kategori banjir dan genangan",
            origin="Dinas Sumber Daya Air Provinsi Daerah Khusus Ibukota Jakarta",
            rows=185_852,
        )
        for n in range(1, 61)
    ),
)

_ENDLESS = f"{_LONG} " * 8
# Nothing of the sort is ever written; the page must hold it all the same.
MONSTROUS = replace(
    OVERFULL,
    opening=tuple(replace(one, text=_ENDLESS) for one in OVERFULL.opening * 5),
    decisions=tuple(
        replace(
            one, issue=replace(one.issue, text=_ENDLESS), options=(_ENDLESS,) * 9, owner=_ENDLESS
        )
        for one in OVERFULL.decisions
    ),
    attention=tuple(
        replace(
            one,
            id=f"perhatian-{n}",
            what=replace(one.what, text=_ENDLESS, notes=tuple(range(1, 13))),
            severity=_ENDLESS,
            usual=_ENDLESS,
            handler=_ENDLESS,
        )
        for n, one in enumerate(OVERFULL.attention * 4)
    ),
    figures=tuple(
        replace(
            one,
            title=_ENDLESS,
            value="999.999.999 dari 999.999.999",
            unit=_ENDLESS,
            detail=_ENDLESS,
            comparisons=(Comparison(_ENDLESS, _ENDLESS, True),) * 3,
        )
        for one in OVERFULL.figures
    ),
    followed=tuple(replace(one, text=_ENDLESS, detail=_ENDLESS) for one in OVERFULL.followed * 3),
    performance=tuple(replace(one, text=_ENDLESS) for one in OVERFULL.performance * 3),
    unknown=tuple(
        replace(one, text=_ENDLESS, would_change=_ENDLESS) for one in OVERFULL.unknown * 3
    ),
    outlook=tuple(replace(one, text=_ENDLESS) for one in OVERFULL.outlook * 3),
)

COMMENT = Comment("perhatian-1", "Sudah dibahas dengan Dinas SDA pukul 05.30 WIB.", "operator", CUT)


def edition(content: Content = FULL, **changes: object) -> Edition:
    """Return a kept edition of a content, made at its cut."""
    made = Edition(
        id="2025-03-12-pagi",
        content=content,
        sha256="ab" * 32,
        made_at=content.cut + timedelta(minutes=3),
        state="draf",
        state_at=content.cut + timedelta(minutes=3),
        state_role="jadwal",
        review=Review(),
        previous="2025-03-11-sore",
        changed=("perhatian-1", "angka-1"),
    )
    return replace(made, **changes)  # type: ignore[arg-type]
