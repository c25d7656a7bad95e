"""The tables of the open API: how the city stands, complaints in counts, areas and sources.

Reads  gates_now, pumps_now, inundations_now, rain_now, air_parameters_now, corridors_now,
       warnings_now, forecast_next, city_status, area_counts, area_categories

Officers, cameras, single complaints and what offices know of themselves are not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from dashboards import air, layers
from dashboards.api_contract import (
    FACT,
    MOMENT,
    PLACED,
    WILAYAH,
    Ask,
    Field,
    Found,
    Param,
    Table,
)
from dashboards.site import Site
from data import city_status, queries, reference, series, siaga
from data.asof import WIB
from data.boards import cut_of
from data.feeds import Feed
from data.freshness import ORDER, Budget, Progress, judge
from data.queries import Row

# Facts that are not for everyone, in no form.
PRIVATE = frozenset({"officer_positions", "duty_roster", "camera_checks", "complaint_photos"})
# A judgement is not made on input in one of these states.
BEYOND_JUDGEMENT = frozenset({"expired", "disconnected", "never"})
COUNTED = timedelta(days=30)
LEVELS = ("kota", "kecamatan", "kelurahan")
NOW, COMPLAINTS, REFERENCE = "Keadaan kini", "Pengaduan dalam angka", "Rujukan"

LON = Field("lon", "number", "Bujur", 106.8, "derajat", decimals=6)
LAT = Field("lat", "number", "Lintang", -6.2, "derajat", decimals=6)
KELURAHAN = Field("kelurahan_code", "string", "Kode Kemendagri kelurahan", "31.71.01.1001")
LEVEL = Param("tingkat", "Tingkat wilayah", "kecamatan", one_of=LEVELS, usual="kota")


def aged(
    feeds: Mapping[str, Feed],
    row: Row,
    now: datetime,
    late_s: float | None = None,
    expired_s: float | None = None,
) -> Row:
    """Return a row with `known_time` and `state`: the worse of its own age and its feed's state.

    Args:
        row: Has `feed`, `event_time` and `simulated`.
        late_s, expired_s: Its own budget of age, where it has one.
    """
    feed = feeds.get(row["feed"])
    if feed is None or row["event_time"] is None:
        return {"known_time": None} | row | {"state": "never"}
    state = feed.state
    if late_s is not None:
        budget = Budget(timedelta(seconds=late_s), timedelta(seconds=expired_s or late_s))
        known = row.get("known_time") or row["event_time"]
        own = Progress(row["event_time"], known, failing=feed.progress.failing)
        state = max(state, judge(budget, own, now), key=ORDER.index)
    return {"known_time": feed.progress.known_time} | row | {"state": state}


def public_feed(feed: Feed) -> bool:
    """Answer whether the API may tell of a feed."""
    return feed.tables.isdisjoint(PRIVATE)


def told_until(cut: date, last: date | None) -> dict[str, str | None]:
    """Return what `meta` says of an answer that is cut at midnight (WIB).

    Args:
        cut: Day at whose beginning it is cut.
        last: Day before whose beginning its newest value ends; None without values.
    """
    midnight = _midnight(cut)
    newest = None if last is None else _midnight(last)
    return {"cut": midnight, "event_time": newest, "known_time": midnight}


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), WIB).isoformat()


def _now(question: Callable[[Site, Ask], Sequence[Row]]) -> Callable[[Site, Ask], Found]:
    """Return what finds the rows of a query, each with its state."""

    def find(site: Site, ask: Ask) -> Found:
        feeds = site.versions.at(ask.as_of)
        return Found([aged(feeds, row, ask.as_of.event_time) for row in question(site, ask)])

    return find


def _gates(site: Site, ask: Ask) -> Found:
    feeds, found = site.versions.at(ask.as_of), []
    for row in queries.gates_now(site.lake, ask.as_of, ask.area):
        told = aged(feeds, row, ask.as_of.event_time, row["late_s"], row["expired_s"])
        if told["state"] in BEYOND_JUDGEMENT:
            told["siaga"] = None
        word = None if told["siaga"] is None else siaga.WORDS[told["siaga"]]
        found.append(told | {"siaga_word": word})
    return Found(found)


def _air(site: Site, ask: Ask) -> Found:
    feeds, found = site.versions.at(ask.as_of), []
    rows = queries.air_parameters_now(site.lake, ask.as_of, ask.area)
    for station in air.one_origin(air.stations(rows)).values():
        for index in station.values():
            budget = air.budgets().get(index.row["parameter"], (None, None))
            told = aged(feeds, index.row, ask.as_of.event_time, *budget)
            judged = told["state"] not in BEYOND_JUDGEMENT
            found.append(
                told | {"ispu": index.value, "category": index.category if judged else None}
            )
    return Found(found)


def _status(site: Site, ask: Ask) -> Found:
    row = queries.city_status(site.lake, ask.as_of)
    if row is None:
        return Found(())
    told = aged(site.versions.at(ask.as_of), row | {"feed": "alarms"}, ask.as_of.event_time)
    judged = told["state"] not in BEYOND_JUDGEMENT
    return Found([told | {"status": city_status.WORDS[row["level"]] if judged else None}])


def _feeds(site: Site, ask: Ask) -> Found:
    return Found(
        [
            {
                "feed": feed.name,
                "title": feed.title,
                "publisher": feed.declared["source"],
                "licence": feed.declared["licence"],
                "event_time": feed.progress.event_time,
                "known_time": feed.progress.known_time,
                "every_s": feed.declared["every_s"],
                "late_s": feed.declared["late_s"],
                "expired_s": feed.declared["expired_s"],
                "scheduled": feed.scheduled,
                "simulated": feed.simulated,
                "state": feed.state,
            }
            for feed in site.versions.at(ask.as_of).values()
            if public_feed(feed)
        ]
    )


def _complaints(site: Site, ask: Ask) -> Found:
    cut, names = cut_of(ask.as_of), series.places("area")
    rows = queries.area_counts(site.lake, ask.values.get("tingkat", "kota"), ask.area, cut=cut)
    return _counted(cut, [row | {"name": names.get(row["area"])} for row in rows])


def _categories(site: Site, ask: Ask) -> Found:
    cut = cut_of(ask.as_of)
    return _counted(
        cut, queries.area_categories(site.lake, ask.area, since=cut - COUNTED, until=cut, cut=cut)
    )


def _counted(cut: date, rows: Sequence[Row]) -> Found:
    period = {"since": cut - COUNTED, "until": cut - timedelta(days=1)}
    return Found([row | period for row in rows], more=told_until(cut, cut if rows else None))


def _areas(_site: Site, ask: Ask) -> Found:
    level = ask.values.get("tingkat")
    return Found(
        [
            {
                **row,
                "lon": float(row["lon"]),
                "lat": float(row["lat"]),
                "area_km2": float(row["area_km2"]),
                "population": int(row["population"]) if row["population"] else None,
            }
            for row in reference.rows("areas")
            if row["level"] in LEVELS
            and level in (None, row["level"])
            and row["code"].startswith(ask.area)
        ]
    )


_SINCE = (
    Field("since", "date", "Hari pertama yang dihitung (WIB)", "2026-01-19", always=True),
    Field("until", "date", "Hari terakhir yang dihitung (WIB)", "2026-02-17", always=True),
)
_SIMULATED = Field("simulated", "boolean", "Dihitung dari DATA SIMULASI", True)

TABLES = (
    Table(
        path="/status",
        id="status",
        title="Status kota",
        about="Status operasional kota: Rutin, Penguatan, Tinggi, Sangat Tinggi atau Puncak. Kosong"
        " bila tidak dapat dinilai.",
        group=NOW,
        params=MOMENT,
        feeds=("alarms",),
        tables=("city_status",),
        example="/status",
        find=_status,
        fields=(
            Field(
                "status",
                "string",
                "Status dalam kata",
                "Penguatan",
                one_of=tuple(city_status.WORDS.values()),
            ),
            Field("since", "date-time", "Sejak", "2026-02-18T02:40:00+07:00"),
            Field(
                "unassessable",
                "integer",
                "Peringatan di belakangnya yang tidak dapat dinilai",
                0,
                "peringatan",
            ),
            *FACT,
        ),
    ),
    Table(
        path="/water-levels",
        id="water-levels",
        title="Tinggi muka air",
        about="Tinggi muka air di tiap pintu air dan pos, siaga menurut ambangnya sendiri dan"
        " umurnya. Siaga kosong bila pos tidak punya ambang atau datanya kedaluwarsa.",
        group=NOW,
        params=PLACED,
        feeds=layers.GATES.feeds,
        tables=layers.GATES.tables,
        example="/water-levels",
        theme="ENVI",
        mapped=True,
        find=_gates,
        fields=(
            Field("station_id", "string", "Pos", "manggarai", always=True),
            Field("name", "string", "Nama", "P.A. Manggarai", always=True),
            Field("river", "string", "Sungai", "Ciliwung"),
            LON,
            LAT,
            Field(
                "level_cm", "number", "Tinggi di atas titik nol pos itu", 780.0, "cm", decimals=1
            ),
            Field("siaga", "integer", "Siaga, 1 paling gawat sampai 4", 3),
            Field("siaga_word", "string", "Kata untuk siaga (SDA/BPBD)", "Waspada"),
            Field("rise_cm_h", "number", "Perubahan", 12.5, "cm/jam", decimals=1),
            Field("siaga3_cm", "number", "Ambang Siaga 3", 750.0, "cm"),
            Field("siaga2_cm", "number", "Ambang Siaga 2", 850.0, "cm"),
            Field("siaga1_cm", "number", "Ambang Siaga 1", 950.0, "cm"),
            Field("late_s", "number", "Umur sejak kapan terlambat", 1800.0, "detik"),
            Field("expired_s", "number", "Umur sejak kapan kedaluwarsa", 5400.0, "detik"),
            *FACT,
        ),
    ),
    Table(
        path="/pumps",
        id="pumps",
        title="Rumah pompa",
        about="Pompa tiap rumah pompa seperti terakhir dilaporkan.",
        group=NOW,
        params=PLACED,
        feeds=layers.PUMPS.feeds,
        tables=layers.PUMPS.tables,
        example="/pumps?wilayah=31.72",
        theme="ENVI",
        mapped=True,
        find=_now(lambda site, ask: queries.pumps_now(site.lake, ask.as_of, ask.area)),
        fields=(
            Field("pump_house_id", "string", "Rumah pompa", "12", always=True),
            Field("name", "string", "Nama", "Pluit", always=True),
            Field("authority", "string", "Pengelola", "Dinas SDA"),
            LON,
            LAT,
            Field("pumps", "integer", "Pompa terpasang", 7, "pompa"),
            Field("running", "integer", "Pompa aktif", 5, "pompa"),
            Field("idle", "integer", "Pompa siap", 2, "pompa"),
            Field("off", "integer", "Pompa nonaktif", 0, "pompa"),
            Field("broken", "integer", "Pompa rusak, bila sumbernya menyebut", 0, "pompa"),
            *FACT,
        ),
    ),
    Table(
        path="/inundations",
        id="inundations",
        title="RT dan RW tergenang",
        about="RT dan RW yang terakhir dilaporkan tergenang dalam dua hari dan belum surut.",
        group=NOW,
        params=PLACED,
        feeds=layers.INUNDATIONS.feeds,
        tables=layers.INUNDATIONS.tables,
        example="/inundations",
        theme="ENVI",
        mapped=True,
        find=_now(lambda site, ask: queries.inundations_now(site.lake, ask.as_of, ask.area)),
        fields=(
            Field("area_code", "string", "RT atau RW menurut sumber", "3174031001009", always=True),
            Field("area_name", "string", "Nama", "RW 09"),
            Field("area_level", "string", "rt atau rw", "rw"),
            Field("depth_min_cm", "number", "Kedalaman paling sedikit", 10.0, "cm"),
            Field("depth_max_cm", "number", "Kedalaman paling banyak", 70.0, "cm"),
            Field("cause", "string", "Penyebab, bila disebut", "luapan Kali Ciliwung"),
            KELURAHAN,
            Field("kelurahan", "string", "Nama kelurahan", "Gambir"),
            LON,
            LAT,
            *FACT,
        ),
    ),
    Table(
        path="/rain",
        id="rain",
        title="Curah hujan",
        about="Hujan di tiap pos: satu jam terakhir dan 24 jam terakhir.",
        group=NOW,
        params=MOMENT,
        feeds=("pantau_rain",),
        tables=("rainfall",),
        example="/rain",
        theme="ENVI",
        mapped=True,
        find=_now(lambda site, ask: queries.rain_now(site.lake, ask.as_of)),
        fields=(
            Field("station_id", "string", "Pos hujan", "7", always=True),
            LON,
            LAT,
            Field("rain_mm_h", "number", "Hujan satu jam terakhir", 18.4, "mm/jam", decimals=1),
            Field("rain_24h_mm", "number", "Hujan 24 jam terakhir", 62.0, "mm", decimals=1),
            Field("told_24h", "number", "Jam yang dilaporkan dari 24", 23.5, "jam", decimals=1),
            *FACT,
        ),
    ),
    Table(
        path="/air",
        id="air",
        title="Kualitas udara",
        about="Pencemar di tiap stasiun: konsentrasi, indeks ISPU dan kategorinya. Kategori kosong"
        " bila datanya kedaluwarsa.",
        group=NOW,
        params=PLACED,
        feeds=air.FEEDS,
        tables=("air_measurements",),
        example="/air",
        theme="ENVI",
        mapped=True,
        find=_air,
        fields=(
            Field("station_id", "string", "Stasiun", "DKI1", always=True),
            Field("name", "string", "Nama", "Bundaran HI", always=True),
            Field(
                "kind", "string", "Acuan (reference) atau berbiaya rendah (low-cost)", "low-cost"
            ),
            LON,
            LAT,
            Field("parameter", "string", "Pencemar", "pm25"),
            Field("value_ug_m3", "number", "Konsentrasi terbaru", 48.2, "µg/m³", decimals=2),
            Field("mean_ug_m3", "number", "Rata-rata 24 jam", 41.0, "µg/m³", decimals=2),
            Field("hours", "integer", "Jam yang terukur dari 24", 24, "jam"),
            Field("ispu", "integer", "Indeks menurut sumber, atau dari rata-rata 24 jam", 86),
            Field(
                "category",
                "string",
                "Kategori ISPU",
                "Sedang",
                one_of=layers.ISPU_WORDS,
            ),
            *FACT,
        ),
    ),
    Table(
        path="/corridors",
        id="corridors",
        title="Koridor lalu lintas",
        about="Kecepatan tiap koridor kini, satu jam lalu dan biasanya pada jam dan hari ini.",
        group=NOW,
        params=PLACED,
        feeds=("tomtom_flow",),
        tables=("traffic_jams",),
        example="/corridors",
        theme="TRAN",
        mapped=True,
        find=_now(lambda site, ask: queries.corridors_now(site.lake, ask.as_of, ask.area)),
        fields=(
            Field("corridor_id", "string", "Koridor", "K001", always=True),
            Field("name", "string", "Nama", "Jalan Jenderal Sudirman", always=True),
            Field("length_m", "number", "Panjang", 4200.0, "m", decimals=0),
            Field("speed_kmh", "number", "Kecepatan", 18.0, "km/jam", decimals=1),
            Field("earlier_kmh", "number", "Kecepatan sejam lalu", 22.0, "km/jam", decimals=1),
            Field("usual_kmh", "number", "Kecepatan biasanya", 24.0, "km/jam", decimals=1),
            Field("free_kmh", "number", "Kecepatan arus bebas", 40.0, "km/jam", decimals=1),
            Field("delay_s", "number", "Tundaan; kosong bila ditutup", 410.0, "detik", decimals=0),
            Field("level", "integer", "0 lancar sampai 4 macet, 5 ditutup", 3),
            *FACT,
        ),
    ),
    Table(
        path="/jams",
        id="jams",
        title="Kemacetan",
        about="Kemacetan yang dilaporkan dalam satu jam terakhir, terberat dulu.",
        group=NOW,
        params=PLACED,
        feeds=layers.JAMS.feeds,
        tables=layers.JAMS.tables,
        example="/jams?wilayah=31.71",
        theme="TRAN",
        mapped=True,
        find=_now(lambda site, ask: queries.jams_now(site.lake, ask.as_of, ask.area)),
        fields=(
            Field("jam_id", "string", "Kemacetan", "1234567", always=True),
            Field("street", "string", "Jalan", "Jalan Gatot Subroto"),
            Field("level", "integer", "1 ramai lancar sampai 4 macet, 5 ditutup", 3),
            Field("speed_kmh", "number", "Kecepatan", 9.5, "km/jam", decimals=1),
            Field("length_m", "number", "Panjang", 850.0, "m", decimals=0),
            Field("delay_s", "number", "Tundaan; kosong bila ditutup", 240.0, "detik", decimals=0),
            KELURAHAN,
            *FACT,
        ),
    ),
    Table(
        path="/weather-warnings",
        id="weather-warnings",
        title="Peringatan cuaca BMKG",
        about="Peringatan dini BMKG yang berlaku. Peringatan kota sendiri ada di /cap/.",
        group=NOW,
        params=MOMENT,
        feeds=("bmkg_alerts",),
        tables=("weather_alerts",),
        example="/weather-warnings",
        theme="ENVI",
        find=_now(lambda site, ask: queries.warnings_now(site.lake, ask.as_of)),
        fields=(
            Field("alert_id", "string", "Pengenal CAP dari BMKG", "2.49.0.1.360.0", always=True),
            Field("event", "string", "Kejadian", "Hujan Lebat dan Petir"),
            Field("severity", "string", "Tingkat CAP", "Moderate"),
            Field("headline", "string", "Judul", "Hujan Lebat dan Petir di DKI Jakarta"),
            Field("description", "string", "Isi", "Saat ini sedang terjadi hujan lebat"),
            Field("area", "string", "Wilayah", "DKI Jakarta"),
            Field("effective_at", "date-time", "Berlaku sejak", "2026-02-18T03:00:00+07:00"),
            Field("expires_at", "date-time", "Berlaku sampai", "2026-02-18T06:00:00+07:00"),
            *FACT,
        ),
    ),
    Table(
        path="/weather-forecast",
        id="weather-forecast",
        title="Prakiraan cuaca BMKG",
        about="Prakiraan BMKG untuk 24 jam ke depan, langkah demi langkah, dari semua kelurahan di"
        " wilayah itu.",
        group=NOW,
        params=PLACED,
        feeds=("bmkg_forecast",),
        tables=("weather_forecasts",),
        example="/weather-forecast?wilayah=31.74",
        theme="ENVI",
        find=_now(lambda site, ask: queries.forecast_next(site.lake, ask.as_of, ask.area)),
        fields=(
            Field(
                "valid_time",
                "date-time",
                "Awal langkah",
                "2026-02-18T04:00:00+07:00",
                always=True,
            ),
            Field("weather", "string", "Cuaca di sebagian besar kelurahan", "Hujan Ringan"),
            Field("wettest", "string", "Cuaca terberat", "Hujan Petir"),
            Field("coolest_c", "number", "Suhu terendah", 25.0, "°C"),
            Field("warmest_c", "number", "Suhu tertinggi", 29.0, "°C"),
            Field("rain_mm", "number", "Hujan terbanyak", 12.0, "mm"),
            Field("humidity_pct", "number", "Kelembapan rata-rata", 88.0, "%", decimals=1),
            Field("wind_kmh", "number", "Angin terkencang", 14.0, "km/jam"),
            Field("places", "integer", "Kelurahan yang diprakirakan", 65, "kelurahan"),
            *FACT,
        ),
    ),
    Table(
        path="/complaints",
        id="complaints",
        title="Pengaduan menurut wilayah",
        about="Laporan yang masuk dan selesai dalam 30 hari penuh terakhir, menurut wilayah. Hanya"
        " jumlah: isi, tempat, foto dan pelapor tidak pernah dibuka.",
        group=COMPLAINTS,
        params=(LEVEL, *PLACED),
        feeds=layers.COMPLAINTS.feeds,
        tables=("complaint_versions",),
        example="/complaints?tingkat=kecamatan",
        find=_complaints,
        fields=(
            Field("area", "string", "Kode Kemendagri", "31.71.01", always=True),
            Field("name", "string", "Nama", "Gambir"),
            Field("received", "integer", "Laporan masuk", 412, "laporan", always=True),
            Field("finished", "integer", "Laporan selesai", 405, "laporan", always=True),
            *_SINCE,
            _SIMULATED,
        ),
    ),
    Table(
        path="/complaint-categories",
        id="complaint-categories",
        title="Pengaduan menurut kategori",
        about="Kejadian yang dilaporkan dalam 30 hari penuh terakhir, menurut kategori; laporan"
        " ganda dihitung sekali.",
        group=COMPLAINTS,
        params=PLACED,
        feeds=layers.COMPLAINTS.feeds,
        tables=("complaint_versions",),
        example="/complaint-categories?wilayah=31.75",
        find=_categories,
        fields=(
            Field("category", "string", "Kategori seperti ditulis sumber", "Jalan", always=True),
            Field("here", "integer", "Kejadian di wilayah itu", 90, "kejadian", always=True),
            Field("city", "integer", "Kejadian di seluruh Jakarta", 800, "kejadian", always=True),
            *_SINCE,
            _SIMULATED,
        ),
    ),
    Table(
        path="/feeds",
        id="feeds",
        title="Sumber data",
        about="Tiap sumber: penerbit, ketentuan pemakaian, umur dan kesegarannya.",
        group=REFERENCE,
        params=MOMENT,
        feeds=("*",),
        example="/feeds",
        find=_feeds,
        fields=(
            Field("feed", "string", "Sumber data", "dsda_levels", always=True),
            Field("title", "string", "Nama", "Tinggi muka air (telemetri)", always=True),
            Field("publisher", "string", "Penerbit", "Dinas SDA DKI Jakarta"),
            Field("licence", "string", "Ketentuan pemakaian", "Bebas dengan menyebut sumber"),
            Field("every_s", "number", "Diambil setiap", 60.0, "detik"),
            Field("late_s", "number", "Umur sejak kapan terlambat", 3600.0, "detik"),
            Field("expired_s", "number", "Umur sejak kapan kedaluwarsa", 10800.0, "detik"),
            Field("scheduled", "boolean", "Dijadwalkan", True),
            *FACT[1:],
        ),
    ),
    Table(
        path="/areas",
        id="areas",
        title="Wilayah",
        about="Kota, kecamatan dan kelurahan dengan kode Kemendagri, titik tengah dan penduduknya."
        " Batasnya ada di /layers/batas.geojson.",
        group=REFERENCE,
        params=(WILAYAH, Param("tingkat", "Tingkat wilayah", "kecamatan", one_of=LEVELS)),
        example="/areas?tingkat=kecamatan",
        theme="REGI",
        pace=timedelta(days=1),
        find=_areas,
        fields=(
            Field("code", "string", "Kode Kemendagri", "31.71.01", always=True),
            Field("level", "string", "Tingkat", "kecamatan", always=True, one_of=LEVELS),
            Field("name", "string", "Nama", "Gambir", always=True),
            Field("parent_code", "string", "Kode wilayah di atasnya", "31.71", always=True),
            LON,
            LAT,
            Field("area_km2", "number", "Luas", 7.6, "km²"),
            Field("population", "integer", "Penduduk", 78_000, "jiwa"),
            Field("source", "string", "Asal baris ini", "Kemendagri"),
        ),
    ),
)
