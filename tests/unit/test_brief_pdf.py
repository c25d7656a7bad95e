"""The brief on paper: one page at any content, tagged and the same bytes, and what is missing."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
import typst
from PIL import Image

from data import typeset
from data.brief import pdf
from data.brief.model import Edition, Review
from data.typeset import TypesetError
from tests import briefs

FULL, EMPTY, OVERFULL, MONSTROUS, FLOOD_NIGHT = (
    briefs.edition(one)
    for one in (
        *(briefs.FULL, briefs.EMPTY, briefs.OVERFULL, briefs.MONSTROUS),
        briefs.FLOOD_NIGHT,
    )
)
MEGABYTE = 1_000_000


def read(body: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(body))


def words_of(reader: pypdf.PdfReader, page: int = 0) -> str:
    return " ".join(reader.pages[page].extract_text().split())


@pytest.fixture(scope="module")
def papers() -> dict[str, pypdf.PdfReader]:
    editions = {
        "full": FULL,
        "empty": EMPTY,
        "overfull": OVERFULL,
        "monstrous": MONSTROUS,
        "flood night": FLOOD_NIGHT,
    }
    return {name: read(pdf.pdf(edition, briefs.ADDRESS)) for name, edition in editions.items()}


@pytest.mark.parametrize("name", ["full", "empty", "overfull", "monstrous", "flood night"])
def test_any_content_is_one_page_and_its_sources_a_second(papers, name):
    pages = papers[name].pages
    assert len(pages) == 2
    assert [round(float(side) / 72 * 25.4) for side in pages[0].mediabox[2:]] == [210, 297]
    assert "Prakiraan 6–24 jam" in words_of(papers[name])
    assert words_of(papers[name], 1).startswith("Sumber")


def test_what_is_cut_is_counted_and_every_block_stays(papers):
    told = words_of(papers["overfull"])
    for title in (
        *("Perlu keputusan", "Perlu perhatian", "Enam angka", "Tindak lanjut arahan"),
        *("Kinerja wilayah", "Yang belum diketahui", "Prakiraan 6–24 jam"),
    ):
        assert title in told
    assert "… dan 19 lainnya, lihat layar" in told, "20 directives"
    assert "lainnya, lihat layar" not in words_of(papers["full"])


def test_all_decisions_and_alarms_of_a_flood_night_are_printed_whole(papers):
    told, _, _ = words_of(papers["flood night"]).partition("Enam angka")
    _, _, told = told.partition("Perlu keputusan")
    assert all(f"Keputusan {number}:" in told for number in (1, 2, 3))
    assert all(f"Perhatian {number}:" in told for number in range(1, 6))
    assert told.count("belum ditandai diketahui ·") == 5
    assert "Beri tahu camat dan lurah di bantaran" in told
    assert "lihat layar" not in told


def test_every_source_of_the_fullest_brief_is_on_its_page(papers):
    told = words_of(papers["overfull"], 1)
    assert all(f"[{number}]" in told for number in range(1, 61))


def test_no_type_is_smaller_than_eight_and_a_half_points_but_footnote_numbers(papers):
    small: set[str] = set()

    def see(text, _matrix, _position, _font, size):
        if (
            text.strip()
            and size < 8.49
            and not set(text) <= set("[0123456789, ]~\N{NO-BREAK SPACE}")
        ):
            small.add(text)

    papers["overfull"].pages[0].extract_text(visitor_text=see)
    assert not small


def test_it_is_tagged_indonesian_and_titled_with_its_own_typeface_embedded(papers):
    reader = papers["full"]
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "id"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "/StructTreeRoot" in root
    assert reader.metadata.title == (
        "Ringkasan Gubernur – Edisi Pagi, Data per Rabu, 12 Maret 2025 pukul 06.15 WIB"
    )
    assert "<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data().decode()
    fonts = [
        font.get_object()["/DescendantFonts"][0].get_object()
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    ]
    assert any("PlusJakartaSans" in font["/BaseFont"] for font in fonts)
    assert all({"/FontFile2", "/FontFile3"} & set(font["/FontDescriptor"]) for font in fonts)


def test_charts_are_vectors_and_have_words_for_those_who_do_not_see_them(papers):
    page = papers["full"].pages[0]
    assert not list(page.images)
    assert pdf.trend_words(briefs.FIGURES[0]) == (
        "Pos pintu air siaga, 7 hari terakhir: 1; 1; 2; tanpa data; 2; 3; 4"
    )
    alternatives = {
        text for text in _alternatives(papers["full"].trailer["/Root"]["/StructTreeRoot"])
    }
    assert pdf.trend_words(briefs.FIGURES[0]) in alternatives
    assert any(text.startswith("Kode QR") for text in alternatives)


def _alternatives(node: object) -> set[str]:
    found: set[str] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        one = one.get_object() if isinstance(one, pypdf.generic.IndirectObject) else one
        if isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, dict):
            found |= {str(one["/Alt"])} if "/Alt" in one else set()
            waiting.extend([one["/K"]] if "/K" in one else [])
    return found


def test_it_says_what_it_is_and_of_when(papers):
    told = words_of(papers["full"])
    assert "Data per Rabu, 12 Maret 2025 pukul 06.15 WIB" in told
    assert "DRAF DATA SIMULASI" in told
    assert "sidik jari abababababab" in told
    assert "2025-03-12-pagi" in told
    assert "DATA SIMULASI" not in words_of(papers["empty"])


def test_the_same_edition_and_revision_give_the_same_bytes():
    assert pdf.pdf(FULL, briefs.ADDRESS) == pdf.pdf(briefs.edition(), briefs.ADDRESS)
    noted = briefs.edition(review=Review(1, comments=(briefs.COMMENT,)))
    assert pdf.pdf(noted, briefs.ADDRESS) != pdf.pdf(FULL, briefs.ADDRESS)


def test_it_is_well_under_a_megabyte(papers):
    assert len(papers["overfull"].stream.getvalue()) < MEGABYTE / 2


def test_pinned_items_come_first_then_those_that_staff_ordered():
    def order(**review) -> list[str]:
        edition = briefs.edition(review=Review(1, **review))
        return [one.id.removeprefix("perhatian-") for one in pdf.arranged(edition)]

    assert order() == ["1", "2", "3"]
    assert order(pinned=("perhatian-3",)) == ["3", "1", "2"]
    assert order(order=("perhatian-2", "perhatian-1", "perhatian-3")) == ["2", "1", "3"]
    assert order(order=("perhatian-2", "perhatian-1"), pinned=("perhatian-1",)) == ["1", "2", "3"]
    assert order(pinned=("hilang", "perhatian-2")) == ["2", "1", "3"]


def test_comments_of_staff_are_printed_beside_their_item():
    noted = briefs.edition(review=Review(1, comments=(briefs.COMMENT,)))
    assert "Catatan operator, pukul 06.15 WIB: Sudah dibahas" in words_of(
        read(pdf.pdf(noted, briefs.ADDRESS))
    )


def test_the_picture_to_share_is_as_wide_as_a_phone_shows_it():
    picture = Image.open(io.BytesIO(pdf.png(FULL, briefs.ADDRESS)))
    assert picture.format == "PNG"
    assert picture.width == pdf.PIXELS
    assert picture.height > picture.width
    colours = {colour for _, colour in picture.convert("RGB").getcolors(1_000_000)}
    assert (217, 115, 13) in colours, "the fill of Siaga 2"


def test_slides_are_two_wide_pages_without_small_type():
    for edition in (FULL, EMPTY, OVERFULL, MONSTROUS):
        reader = read(pdf.slides(edition, briefs.ADDRESS))
        assert len(reader.pages) == 2
        assert [round(float(side) / 72 * 25.4, 1) for side in reader.pages[0].mediabox[2:]] == [
            338.7,
            190.5,
        ]
        sizes: set[float] = set()

        def see(text, _matrix, _position, _font, size, sizes=sizes):
            if text.strip():
                sizes.add(size)

        for page in reader.pages:
            page.extract_text(visitor_text=see)
        assert min(sizes) > 19.9


def test_a_preview_is_named_by_its_moment_and_an_edition_by_its_kind():
    assert pdf.kind_of(FULL) == "Edisi Pagi"
    assert pdf.kind_of(replace(FULL, id=f"{pdf.PREVIEW}x")) == "Pratinjau 06.15 WIB"


def test_the_code_leads_to_the_edition_and_of_a_preview_to_its_moment():
    assert (
        pdf.address(FULL, "https://contoh.go.id/")
        == "https://contoh.go.id/ringkasan/2025-03-12-pagi"
    )
    preview = replace(FULL, id=f"{pdf.PREVIEW}2025-03-12-0615-pagi")
    assert pdf.address(preview, "https://contoh.go.id") == (
        "https://contoh.go.id/ringkasan?pada=2025-03-12T06:15"
    )
    assert pdf.told(preview, briefs.ADDRESS)["state"] == "PRATINJAU"


def test_a_gap_breaks_the_small_line():
    assert pdf.trend(briefs.FIGURES[0]).count("M") == 2
    assert pdf.trend(replace(briefs.FIGURES[0], trend=(None, 1.0))) == ""


def broken(edition: Edition = FULL) -> str:
    with pytest.raises(TypesetError) as error:
        pdf.pdf(edition, briefs.ADDRESS)
    return str(error.value)


def test_a_missing_font_logo_or_template_is_named(monkeypatch, tmp_path):
    with monkeypatch.context() as patch:
        patch.setattr(typeset, "_fonts", lambda: tmp_path)
        assert "plus jakarta sans" in broken()
        assert "fontpkg-plus-jakarta-sans" in broken()
    with monkeypatch.context() as patch:
        patch.setattr(typeset, "FONT_FILE", "Absent.ttf")
        assert "Absent.ttf is missing" in broken()
    with monkeypatch.context() as patch:
        patch.setattr(pdf, "LOGO", tmp_path / "brand.svg")
        assert "brand.svg is missing" in broken()
    with monkeypatch.context() as patch:
        patch.setattr(pdf, "PAPER", tmp_path / "brief.typ")
        assert "brief.typ is missing" in broken()


def test_what_typst_refuses_is_told_with_the_name_of_the_template(tmp_path: Path):
    template = tmp_path / "wrong.typ"
    template.write_text('#panic("tidak")')
    with pytest.raises(TypesetError, match=r"wrong\.typ cannot be set"):
        typeset.pdf(template, {}, briefs.CUT)
    assert issubclass(typst.TypstError, RuntimeError)
