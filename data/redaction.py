"""Remove personal data from what citizens write; the place of the problem stays.

What goes      names after a salutation, "a.n." or "nama:", and the reporter's own; telephone
               numbers; NIK, NPWP and other numbers of accounts and documents; e-mail; social
               media accounts; number plates; the reporter's own address ("rumah saya di ...",
               "alamat saya: ...")
What stays     streets, house numbers, RT/RW, landmarks ("Jl. Ibu Kartini", "warung Bu Tini"),
               offices ("Bapak Gubernur"), report numbers, amounts, times, coordinates
In its place   a word in square brackets that says what was there: "Hubungi [telepon]"

In doubt a word too many goes. What is taken out may bring other things side by side, so the rules
run until nothing changes: redacting twice changes nothing more. Every repetition is bounded, so
that the time grows with the length of the text only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

NAME, PHONE, NUMBER, EMAIL = "[nama]", "[telepon]", "[nomor]", "[surel]"
ACCOUNT, PLATE, ADDRESS = "[akun]", "[pelat]", "[alamat]"
# What stands in the place of personal data -> what that was, in the reader's words.
KINDS: Mapping[str, str] = MappingProxyType(
    {
        NAME: "nama orang",
        PHONE: "nomor telepon",
        NUMBER: "NIK atau nomor rekening",
        EMAIL: "alamat surel",
        ACCOUNT: "akun media sosial",
        PLATE: "pelat nomor",
        ADDRESS: "alamat pribadi",
    }
)

LONGEST_NAME = 80
LONGEST_NAME_WORDS = 5
MOST_ROUNDS = 5

# Words that are no name, though they follow "Pak" or "nama saya".
_NO_NAMES = frozenset(
    """
    gubernur wagub wakil wali walikota bupati camat lurah kepala kadis kasudin dinas sudin suku
    kapolsek kapolres polisi polsek polres menteri presiden pejabat pegawai karyawan admin operator
    direktur manajer pimpinan penjabat plt pj sekda sekretaris anggota dewan dprd petugas satpam
    satpol pp pjlp ppsu pasukan hansip linmas babinsa bhabinkamtibmas damkar dishub pln pam aetra
    palyja pdam sopir supir ojek ojol tukang penjual pedagang pembeli pemilik penghuni tetangga
    warga masyarakat pelapor pengadu korban anak orang tua lansia pengendara pengemudi pengguna
    saya aku kami kita anda beliau dia ia mereka itu ini tersebut tsb yang yg dan dgn dengan dari
    di ke pada utk untuk tolong mohon minta harap segera bisa dapat sudah udah telah belum blm tidak
    tdk gak nggak ada adalah jangan kalau jika bila karena krn sebab sebagai juga atau tapi tetapi
    agar supaya saat ketika akan mau ingin harus masih sering selalu sedang lagi hanya semua setiap
    terhormat yth sekalian semuanya setempat sekitar bersama dkk dll salam hormat terima kasih
    terimakasih makasih selamat pagi siang sore malam assalamualaikum hamil rumah tangga kota negara
    kandung mertua muda kos kost kontrakan kantor kantin warung toko jalan jl jln gang gg rt rw
    kelurahan kel kecamatan kec kabupaten provinsi jakarta dki pusat utara barat selatan timur
    indonesia blok no nomor telp telepon tlp hp wa nik ktp alamat nama usaha barang lokasi tempat
    kegiatan sekolah sdn smpn sman puskesmas rsud masjid taman pasar halte lampu pohon sampah banjir
    parkir mobil motor air got saluran kali sungai warna merk jenis tanggal jam hari minggu bulan
    tahun lapor laporan melapor aduan pengaduan hubungi kontak membuang mengganggu berjualan
    berjalan berhenti bertanya terkait tentang mengenai sehubungan perihal bantu bantuan bantuannya
    cek dicek tindak perbaiki perbaikan buang bakar tinggal lewat datang pergi kerja jual pakai
    bapak bpk pak ibu bu sdr sdri saudara saudari tuan nyonya tn ny mas mbak mba kak kakak bang
    abang om tante
    """.split()
)
# Words that may stand between a salutation and a name.
_TITLES = frozenset(
    "h hj haji hajah kh dr drg drs ir prof ust ustad ustadz rt rw ketua pengurus guru dokter"
    " bidan".split()
)
_PARTICLES = frozenset({"bin", "binti", "van", "de", "al", "el"})
_VERB = re.compile(r"(?:mem|men)\w{4,}|di\w{6,}")
_WORD = re.compile(r"[ \t]{0,3}([^\W\d_]{1,3}\.|[^\W\d_](?:[\w'’-]{0,40}\w)?)")

_SALUTATION = (
    r"(?:bapak|bpk|pak|ibu|bu|sdri|sdr|saudara|saudari|tuan|tn|nyonya|ny|mas|mbak|mba|kakak|kak"
    r"|bang|om|tante|ustadz?)\b"
)
_CALLED = (
    r"(?:nama(?:\s(?:saya|lengkap|pelapor|pengirim|warga|pemilik|korban|penghuni|beliau|ktp)){0,2}"
    r"\s?(?:[:=]|adalah\b|ialah\b)|nama\ssaya\b|bernama\b|(?:pelapor|pengirim)\s?[:=]"
    r"|atas\snama\b|a\.n\b\.?|a/n\b\.?|an\.)"
)
_SIGNED = r"(?:hormat\s(?:saya|kami)\b|salam\shormat\b|ttd\b|tertanda\b|wassalam\w{0,10})"
# A salutation after one of these belongs to the name of a place ("Jl. Ibu Kartini"), also with a
# rank between ("Jl. KH. Mas Mansyur").
_PLACES = frozenset(
    """
    jl jln jalan gang gg lorong warung toko kedai bengkel resto restoran rm klinik apotek masjid
    mesjid mushola musholla gereja pesantren sekolah sd sdn smp smk sma tk paud yayasan rs rsia rsud
    taman lapangan pasar gedung jembatan kali waduk tpu makam halte stasiun pulo pulau kampung kp
    komplek kompleks perumahan cluster apartemen rusun soto sate bakso gelora
    """.split()
)
_RANKS = frozenset(
    "raya k.h kh h hj haji dr prof ir r rd raden jend jenderal letjen mayjen kolonel kapten".split()
)
_VEHICLES = frozenset("mobil motor truk kendaraan angkot bus taksi pelat plat nopol".split())
# What comes after one of these is a block, a door or a route, not a number plate.
_BLOCKS = frozenset(
    """
    blok blk gedung tower menara gang gg jl jln jalan kav kavling unit lantai lt rusun koridor
    terminal gate pintu zona seksi tiang no nomor halte peron jalur rute tps gardu ruang pju
    """.split()
)

_PLATE_AREA = (
    r"(?:a[abdeg]|b[abdeghklmnp]|d[abcdeghklmnrst]|e[abd]|k[bhtu]|p[abgs]|[abdefghklmnprstwz])"
)
_PLATE_END = r"[ .-]{0,2}[a-z]{1,3}\b"
_PLATE_WORD = r"\b(?:plat|pelat|nopol|no\.?\s?pol(?:isi)?|nomor\spolisi)\b"
_NO_PLATE_END = frozenset(
    "rt rw no km m cm mm kg jl gg lt kel kec di ke dan dr yg sd s d x wib jam pm am org kk th thn"
    " hr dua ini itu ada kav blk hp wa".split()
)

_HOME = (
    r"(?:\b(?:rumah|alamat|tempat\stinggal|kediaman|kontrakan|kost?|kosan|domisili)"
    r"(?:\s(?:rumah|tinggal))?\s(?:saya|kami|pelapor|ktp)\b)"
)
_LIVES = r"(?:\b(?:saya|kami)\s(?:ber)?(?:tinggal|alamat|domisili)\sdi\b)"
_ADDRESS_BY_NAME = r"(?:\bnama\b[^\n:=]{0,20}[:=][^\n]{0,80}?\balamat(?:\slengkap)?\s{0,2}[:=])"
_STREET = r"(?:jl|jln|jalan|gg|gang|rt|rw|blok|kompleks?|perum|perumahan|kp|kampung|no)\b"
_OWN = (
    rf"(?:{_HOME}(?:\s(?:ini|sendiri|sekarang)\b)?(?:\s{{0,2}}[:=]"
    r"|,?\s(?:(?:berada|ada|beralamat|terletak)\s)?di\b|,?\s(?:yaitu|adalah)\b"
    rf"|,?(?=\s{_STREET}))|{_LIVES}|{_ADDRESS_BY_NAME})"
)
_OWN_END = (
    r"\s(?:dan|yang|yg|karena|tetapi|tapi|mohon|tolong|minta|harap|sudah|telah|belum|tidak|selalu"
    r"|sering|setiap|saat|ketika|terdapat|ada|terjadi|depan|dekat|kebanjiran|banjir|tergenang"
    r"|rusak|terkena|telp|telepon|hp|wa|nik|terima|pak|bapak|ibu|bu)\b"
)
_ABBREVIATION = r"\b(?:jl|jln|gg|no|kel|kec|kp|komp|kav|blk|blok|rt|rw|lt|dr|h|hj|kh|prof|jend)\."
_OWN_TEXT = rf"(?:(?!{_OWN_END})(?:{_ABBREVIATION}|\.(?=\S)|[^,.;!?()\n\[\]]))"
_OWN_MORE = (
    r",(?=\s{0,3}(?:rt|rw|kel|kec|no|blok|blk|jakarta|dki|kota|kode\spos|gg|gang|jl|jln|jalan"
    r"|kelurahan|kecamatan|lt|lantai|kav|kompleks?|perumahan|\d))"
)

_SEPARATOR = "[\\s.()\u2010-\u2015-]{0,3}"
# A number does not begin inside another: "-6.0812345678" is a coordinate, "JK2310140085" a report.
_NOT_INSIDE = r"(?<!\d)(?<!\d[.,])"
_FRESH = rf"(?<![A-Za-z]){_NOT_INSIDE}"
_GAP = r"[^\d\n\[\]]{0,20}"  # no brackets: what was redacted introduces nothing
_NUMBER_WORD = (
    r"\b(?:rek(?:ening)?|norek|bca|bri|bni|btn|bsi|mandiri|cimb|danamon|bank\sdki|virtual\saccount"
    r"|ovo|gopay|shopeepay|id\s?pel(?:anggan)?|pelanggan|kk|kartu\skeluarga|ktp|nik|npwp|bpjs|sim"
    r"|paspor|passport|kjp|imei|stnk|bpkb)\b"
)
_PHONE_WORD = (
    r"\b(?:telp?|telpo?n|telepon|tlp|hp|wa|whatsapp|handphone|ponsel|sms|kontak|contact|hubungi"
    r"|call)\b"
)
_PROFILE = r"\b(?:instagram|facebook|twitter|tiktok|threads|x|t|wa)\.(?:com|me|id)/"
_NETWORK = (
    r"\b(?:ig|insta|instagram|twitter|fb|facebook|tiktok|telegram|threads)(?:\s(?:id|akun|saya))?"
    r"\s{0,2}[:=]"
)
_DOMAIN_END = r"\s?\.\s?(?:com|co|id|org|net|go|ac|web|or)\b"

# Anything but printable ASCII and line breaks; `_plain` makes it comparable.
_ODD = r"[^\t\n\r -~]"
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_DIGIT = re.compile(r"\d")


def _compiled(pattern: str) -> re.Pattern[str]:
    # ASCII as in RE2, so that a trigger sees all that its rule changes. Texts are matched in small
    # letters: `re` takes half the time where it need not ignore case.
    return re.compile(pattern, re.ASCII)


_BEFORE_NAME = _compiled(
    rf"\b(?<!-)(?:(?P<signed>{_SIGNED})|{_SALUTATION}|{_CALLED})[\s.,:/]{{0,4}}"
)
_PLATE = _compiled(
    rf"\b{_PLATE_AREA}[ .-]{{0,2}}(?P<digits>\d{{1,4}})[ .-]{{0,2}}(?P<end>[a-z]{{1,3}})\b"
)

Spans: TypeAlias = Iterator[tuple[int, int]]


@dataclass(frozen=True)
class Rule:
    """One kind of personal data.

    Args:
        trigger: RE2 pattern, case-insensitive, of every text in which there is something to
            find; where it matches others too, that only costs time.
        find: Yields start and end of what must go, first to last.
        becomes: What is written in its place.
    """

    trigger: str
    find: Callable[[str], Spans]
    becomes: str

    def apply(self, text: str) -> str:
        """Return the text without that kind."""
        parts, done = [], 0
        for start, end in self.find(text):
            parts += [text[done:start], self.becomes]
            done = end
        return "".join([*parts, text[done:]]) if parts else text


def redact(text: str, reporter: str | None = None) -> str:
    """Return `text` without personal data.

    Args:
        text: As the citizen wrote it.
        reporter: The reporter's name, where known.
    """
    if reporter:
        text = without_reporter(reporter, text)[0] or ""
    text = _plain(text)
    for _ in range(MOST_ROUNDS):
        before = text
        for rule in RULES:
            text = rule.apply(text)
        if text == before:
            break
    return text


def personal_data(text: str) -> str | None:
    """Return what kind of personal data a text holds, Indonesian; None for none that is seen."""
    without = redact(text)
    return next((kind for mark, kind in KINDS.items() if mark in without), None)


def redact_all(texts: pa.StringArray) -> pa.StringArray:
    """Redact many texts as `redact` does, looking closely only at those that need it."""
    suspect = _matching(texts, f"{_ODD}|{_ANY_TRIGGER}")
    result = [_plain(text) for text in texts.filter(suspect).to_pylist()]
    places: Sequence[int] = range(len(result))
    for _ in range(MOST_ROUNDS):
        before = [result[place] for place in places]
        after, seen = list(before), pa.array(before, pa.string())
        for rule in RULES:
            hits = pc.indices_nonzero(_matching(seen, rule.trigger)).to_pylist()
            for hit in hits:
                after[hit] = rule.apply(after[hit])
            if hits:
                seen = pa.array(after, pa.string())
        changed = [
            (p, new) for p, old, new in zip(places, before, after, strict=True) if old != new
        ]
        for place, text in changed:
            result[place] = text
        again = _matching(pa.array([text for _, text in changed], pa.string()), _ANY_TRIGGER)
        places = [changed[number][0] for number in pc.indices_nonzero(again).to_pylist()]
    return pc.replace_with_mask(texts, suspect, pa.array(result, pa.string()))


def without_reporter(name: str, *texts: str | None) -> tuple[str | None, ...]:
    """Return `texts` without the reporter's own name, but where a street or place bears it."""
    words = name.lower().split()
    if not _all_in(words, "\n".join(filter(None, texts)).lower()) or len(name) > LONGEST_NAME:
        return texts
    if len("".join(words)) < 3 or all(word in _NO_NAMES for word in words):
        return texts
    spelled = r"\s+".join(map(re.escape, words))
    own = re.compile(rf"(?<!\w){spelled}(?!\w)", re.IGNORECASE)

    def unless_place(found: re.Match[str]) -> str:
        before = _words_before(found.string, found.start())
        return found[0] if not _PLACES.isdisjoint(before[-4:]) else NAME

    return tuple(text and own.sub(unless_place, text) for text in texts)


def _all_in(words: list[str], text: str) -> bool:
    # Runs for every complaint; a generator in `all` would take twice as long.
    for word in words:
        if word not in text:
            return False
    return bool(words)


def _matching(texts: pa.StringArray, pattern: str) -> pa.BooleanArray:
    found = pc.match_substring_regex(texts, pattern, ignore_case=True)
    return pc.fill_null(found, False)


def _words_before(text: str, at: int) -> list[str]:
    """Return the last words before a position, in small letters; a comma stays with its word."""
    return [word.strip(".(") for word in text[max(0, at - 60) : at].lower().split()]


def _plain(text: str) -> str:
    """Return `text` with one way to write each letter and digit, nothing invisible in between."""
    if text.isascii() and not _CONTROL.search(text):
        return text
    text = unicodedata.normalize("NFKC", _CONTROL.sub(" ", _INVISIBLE.sub("", text)))
    text = _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text)
    # The one letter whose small form is longer: positions in `text.lower()` must stay the same.
    return text.replace("\u0130", "I")


def _each(pattern: str) -> Callable[[str], Spans]:
    """Find every match of a pattern, or of its group `cut` where it has one."""
    compiled = _compiled(pattern)
    group = "cut" if "cut" in compiled.groupindex else 0
    return lambda text: (found.span(group) for found in compiled.finditer(text.lower()))


def _plates(text: str) -> Spans:
    for found in _PLATE.finditer(text.lower()):
        before = _words_before(text, found.start())[-1:]
        long_enough = len(found["digits"]) >= 3 or not _VEHICLES.isdisjoint(before)
        if long_enough and found["end"] not in _NO_PLATE_END and _BLOCKS.isdisjoint(before):
            yield found.span()


def _names(text: str) -> Spans:
    done = 0
    for lead in _BEFORE_NAME.finditer(text.lower()):
        if lead.start() < done or _names_place(text, lead.start()):
            continue
        start, end = _name_at(text, lead.end(), only_capital=lead["signed"] is not None)
        if end > start:
            yield start, end
            done = end


def _names_place(text: str, at: int) -> bool:
    before = _words_before(text, at)
    while before and before[-1] in _RANKS:
        before.pop()
    return not _PLACES.isdisjoint(before[-1:])


def _name_at(text: str, at: int, *, only_capital: bool) -> tuple[int, int]:
    """Return where the name after a salutation begins and ends; the same place twice if none.

    A title or an office may stand before it ("Pak RT Slamet", "Bapak H. Mamat"). A name in small
    letters is taken for two words at most, since what follows cannot be told from it.
    """
    start = end = at
    words, small = 0, False
    while words < LONGEST_NAME_WORDS and (word := _WORD.match(text, end)):
        plain, capital = word[1].lower().rstrip("."), word[1][0].isupper()
        if words == 0 and plain in _TITLES:
            only_capital, end = True, word.end()
            continue
        if plain in _NO_NAMES or _VERB.match(plain):
            break
        if words == 0:
            if only_capital and not capital:
                break
            start, small = word.start(1), not capital
        elif not (capital or plain in _PARTICLES or (small and words == 1)):
            break
        words, end = words + 1, word.end()
    return (start, end) if words else (at, at)


RULES = (
    Rule(
        r"@|[(\[]at[)\]]",
        _each(
            r"(?<![\w.+-])[\w.+-]{1,64}"
            rf"(?:@|\s{{0,2}}[(\[]at[)\]]\s{{0,2}}|\s?@\s?(?=[\w-]{{1,63}}{_DOMAIN_END}))"
            rf"[\w-]{{1,63}}(?:{_DOMAIN_END}|\.[\w-]{{1,63}}){{0,5}}"
        ),
        EMAIL,
    ),
    Rule(r"(?:^|[^\w@])@[a-z_]", _each(r"(?<![\w@])@[a-z_][\w.]{0,40}"), ACCOUNT),
    Rule(_PROFILE, _each(rf"{_PROFILE}[^\s,;]{{1,200}}"), ACCOUNT),
    Rule(_NETWORK, _each(rf"{_NETWORK}\s{{0,2}}(?P<cut>[\w.]{{2,40}})"), ACCOUNT),
    # NIK (16 digits) and NPWP (15), however they are grouped.
    Rule(
        r"\d(?:[\s.-]?\d){14}",
        _each(rf"{_NOT_INSIDE}(?!\d{{1,3}}\.\d{{4}})\d(?:[\s.-]?\d){{14,15}}(?!\d)"),
        NUMBER,
    ),
    Rule(
        rf"[0268](?:{_SEPARATOR}\d){{7}}|\d(?:[\s.]\d){{8}}",
        _each(
            rf"{_FRESH}(?:\+\s?62|\(\+62\)|62(?=[\s.-]?8)|\(?0(?=8\d|[2-9]\d))\)?"
            rf"(?:{_SEPARATOR}\d){{7,13}}(?!\d)"
            rf"|{_FRESH}8[1-9]\d[\s-]?\d{{3,4}}[\s-]?\d{{3,5}}(?!\d)"
            rf"|{_FRESH}\d(?:[\s.]\d){{8,15}}(?!\d)"
        ),
        PHONE,
    ),
    Rule(
        rf"{_NUMBER_WORD}{_GAP}\d(?:[\s.-]{{0,2}}\d){{5}}",
        _each(rf"{_NUMBER_WORD}(?!{_GAP}(?:rp|jk)){_GAP}(?P<cut>\d(?:[\s.-]{{0,2}}\d){{5,20}})"),
        NUMBER,
    ),
    Rule(
        rf"{_PHONE_WORD}{_GAP}\d(?:[\s.()-]{{0,2}}\d){{6}}",
        _each(rf"{_PHONE_WORD}{_GAP}{_FRESH}(?P<cut>\d(?:[\s.()-]{{0,2}}\d){{6,14}})"),
        PHONE,
    ),
    Rule(r"\d{12}", _each(rf"{_FRESH}\d{{12,40}}"), NUMBER),
    Rule(rf"\b{_PLATE_AREA}[ .-]{{0,2}}\d{{1,4}}{_PLATE_END}", _plates, PLATE),
    Rule(
        _PLATE_WORD,
        _each(
            rf"{_PLATE_WORD}\.?(?:[ :.]{{1,3}}(?:nomor|no|mobil|motor)\b){{0,2}}[ :.]{{0,3}}"
            rf"(?P<cut>(?:{_PLATE_AREA}[ .-]{{0,2}}\d{{1,4}}|\d{{3,4}})(?:{_PLATE_END})?\b)"
        ),
        PLATE,
    ),
    Rule(
        rf"{_HOME}|{_LIVES}|{_ADDRESS_BY_NAME}",
        _each(
            rf"{_OWN}\s{{0,3}}(?P<cut>(?![\[\s]){_OWN_TEXT}{{1,160}}"
            rf"(?:{_OWN_MORE}{_OWN_TEXT}{{1,80}}){{0,6}})"
        ),
        ADDRESS,
    ),
    Rule(rf"\b(?:{_SIGNED}|{_SALUTATION}|{_CALLED})", _names, NAME),
)

_ANY_TRIGGER = "|".join(rule.trigger for rule in RULES)
