"""The tables of the lake, as data: one declaration for DDL, validation, hashing and catalogue.

Every fact carries the columns of `COMMON` besides its own. A table whose key holds `event_time`
is a *series* (one row a moment); any other holds *versions* of an entity, told apart by content.
Units stand beside the column; times are TIMESTAMPTZ, written in UTC, shown in WIB.
"""

from __future__ import annotations

from dataclasses import dataclass

# Every question reads what the catalogue notes about every file of the lake: files are few and
# large, and row groups in order of time let a question skip most of one.
YEARLY = ("year(event_time)",)
# For tables with millions of rows a day.
MONTHLY = ("year(event_time)", "month(event_time)")


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Args:
        type: DuckDB type.
        unit: Unit of measure as printed ("cm", "km/jam"); empty where there is none.
        low: Smallest value that can be true, in `unit`; a row below it is quarantined.
        high: Largest value that can be true, in `unit`; a row above it is quarantined.
        required: A row without it is quarantined.
        hashed: False for what does not make a row new (derived, or a secret that rotates).
        one_of: The only values allowed besides null; empty where any will do.
    """

    name: str
    type: str
    meaning: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    required: bool = False
    hashed: bool = True
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One fact table.

    Args:
        key: Columns that name the thing, besides `feed`.
        columns: Own columns, without `COMMON`.
        partition: DuckLake partition expressions over `event_time`; empty for small tables.
        dated: False where `event_time` is only the moment of reading (a list of devices), so
            that the same content read later is not a new version.
        points: Name of the (lon, lat) columns from which `kelurahan_code` is derived, if any.
    """

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    partition: tuple[str, ...] = YEARLY
    dated: bool = True
    located: bool = False

    @property
    def series(self) -> bool:
        """True where one key and one moment make one row."""
        return "event_time" in self.key

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Own columns, then those that every fact has."""
        return self.columns + COMMON

    def column(self, name: str) -> Column:
        """Return the column of that name; `KeyError` where there is none."""
        for column in self.all_columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name!r}")


COMMON = (
    Column("event_time", "TIMESTAMPTZ", "waktu kejadian", required=True),
    Column("known_time", "TIMESTAMPTZ", "waktu diketahui", required=True, hashed=False),
    Column(
        "known_assumed",
        "BOOLEAN",
        "known_time adalah event_time ditambah jeda lazim sumber data",
        hashed=False,
    ),
    Column("simulated", "BOOLEAN", "baris berisi data simulasi", hashed=False),
    Column("feed", "VARCHAR", "sumber data yang membawanya", required=True, hashed=False),
    Column("run_id", "VARCHAR", "proses yang membawanya", required=True, hashed=False),
    Column("row_hash", "UBIGINT", "hash isi baris", hashed=False),
)

# The region from which a position can be true: Jakarta with Kepulauan Seribu, and the upstream
# posts to Katulampa and Gadog.
WEST, EAST, SOUTH, NORTH = 106.3, 107.2, -6.9, -5.0


STATUSES = ("Menunggu", "Koordinasi", "Disposisi", "Proses", "EWS", "Selesai", "Ditolak")
CLOSED_STATUSES = ("Selesai", "Ditolak")
PHOTO_STATES = ("stored", "refused", "unreachable", "too_large", "unreadable")
POLLUTANTS = ("pm10", "pm25", "so2", "co", "o3", "no2", "hc", "temperature", "humidity")
CATEGORIES_ISPU = ("BAIK", "SEDANG", "TIDAK SEHAT", "SANGAT TIDAK SEHAT", "BERBAHAYA")
# Gravest first; the siaga words belong to the flood levels of DSDA alone.
SEVERITIES = ("siaga1", "siaga2", "warning", "siaga3", "notice")
SUBJECT_KINDS = ("gate", "pump_house", "kelurahan", "air_station", "corridor", "feed", "place")


def _text(name: str, meaning: str, *, required: bool = False, hashed: bool = True) -> Column:
    return Column(name, "VARCHAR", meaning, required=required, hashed=hashed)


def _time(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, "TIMESTAMPTZ", meaning, required=required)


def _lon(*, required: bool = False, hashed: bool = True) -> Column:
    return Column("lon", "DOUBLE", "bujur, WGS 84", "°", WEST, EAST, required, hashed)


def _lat(*, required: bool = False, hashed: bool = True) -> Column:
    return Column("lat", "DOUBLE", "lintang, WGS 84", "°", SOUTH, NORTH, required, hashed)


def _kelurahan(meaning: str = "kelurahan tempat titik berada, ditentukan program") -> Column:
    return Column("kelurahan_code", "VARCHAR", meaning, hashed=False)


ENDED = Column(
    "ended", "BOOLEAN", "benar pada baris yang menyatakan sumber tidak lagi mencantumkannya"
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "complaint_versions",
            "satu versi dari satu pengaduan",
            ("complaint_id",),
            (
                _text("complaint_id", "nomor laporan, misalnya JK2310140085", required=True),
                _time("created_at", "saat pengaduan masuk", required=True),
                _text("channel", "satu dari 13 kanal pengaduan"),
                _text("category", "kategori seperti ditulis sumber"),
                Column("status", "VARCHAR", "status CRM", required=True, one_of=STATUSES),
                _text("agency", "perangkat daerah yang menangani"),
                _text("kelurahan_code", "kelurahan lokasi masalah, kode Kemendagri"),
                _lon(),
                _lat(),
                Column("geotagged", "BOOLEAN", "titik berasal dari perangkat pelapor"),
                _time("due_at", "expected_datetime dari sumber; ditampilkan, tidak dipakai"),
                _time("first_response_at", "tindakan berarti pertama"),
                _time("resolved_at", "saat selesai"),
                Column("reopened_count", "INTEGER", "berapa kali dibuka kembali", low=0, high=100),
                _text("photo_before", "URL foto sebelum"),
                _text("photo_after", "URL foto sesudah"),
                _text("address_public", "lokasi masalah tanpa data pribadi"),
                _text(
                    "verification",
                    "hasil verifikasi Biro Pemerintahan; kosong bila tidak diketahui",
                ),
                Column("rating", "DOUBLE", "penilaian pelapor", low=0, high=5),
                _text(
                    "reporter_key", "hash berkunci dari pelapor, tanpa identitasnya", hashed=False
                ),
                _text("text_redacted", "isi pengaduan tanpa data pribadi"),
            ),
        ),
        Table(
            "complaint_log",
            "satu perubahan status atau perangkat daerah penangan",
            ("complaint_id", "event_time", "status", "agency"),
            (
                _text("complaint_id", "nomor laporan", required=True),
                Column("status", "VARCHAR", "status CRM", required=True, one_of=STATUSES),
                _text("agency", "perangkat daerah yang menangani sejak saat itu"),
            ),
        ),
        Table(
            "complaint_photos",
            "satu foto pengaduan seperti diambil dari sumber; event_time adalah saat pengaduan"
            " selesai",
            ("complaint_id", "which"),
            (
                _text("complaint_id", "nomor laporan", required=True),
                Column(
                    "which",
                    "VARCHAR",
                    "sebelum atau sesudah ditindaklanjuti",
                    required=True,
                    one_of=("sebelum", "sesudah"),
                ),
                Column(
                    "state",
                    "VARCHAR",
                    "stored (tersimpan), refused (ditolak sumber atau pengaman), unreachable (belum"
                    " terjangkau), too_large (terlalu besar) atau unreadable (bukan gambar)",
                    required=True,
                    one_of=PHOTO_STATES,
                ),
                _text("phash", "hash perseptual, 16 angka heksadesimal"),
                _time("taken_at", "saat diambil menurut berkasnya"),
                Column("has_gps", "BOOLEAN", "berkasnya menyebut titik; titik itu tidak disimpan"),
                Column(
                    "distance_m",
                    "DOUBLE",
                    "jarak titik dalam berkas ke titik pengaduan",
                    "m",
                    0,
                    21_000_000,
                ),
                Column("bytes", "INTEGER", "ukuran berkas sumber", "byte", 0, 2_000_000_000),
            ),
        ),
        Table(
            "water_levels",
            "tinggi muka air di satu pos pada satu saat",
            ("station_id", "event_time"),
            (
                _text(
                    "station_id",
                    "pos dalam water_stations, atau id dari sumber",
                    required=True,
                ),
                Column(
                    "level_cm",
                    "DOUBLE",
                    "tinggi muka air di atas titik nol pos",
                    "cm",
                    -500,
                    1500,
                    True,
                ),
                Column("level_reported", "DOUBLE", "tinggi muka air seperti ditulis sumber"),
                _text("unit_reported", "satuan level_reported"),
                Column("siaga_reported", "TINYINT", "siaga menurut sumber", low=1, high=4),
                _text("weather", "cuaca seperti ditulis penjaga"),
            ),
        ),
        Table(
            "pump_states",
            "pompa di satu rumah pompa pada satu saat",
            ("pump_house_id", "event_time"),
            (
                _text("pump_house_id", "rumah pompa dalam pump_houses", required=True),
                Column("running", "INTEGER", "pompa aktif", "pompa", 0, 100, True),
                Column("idle", "INTEGER", "pompa siap (idle)", "pompa", 0, 100),
                Column("off", "INTEGER", "pompa nonaktif", "pompa", 0, 100),
                Column(
                    "broken",
                    "INTEGER",
                    "pompa rusak, hanya bila sumber menyatakannya",
                    "pompa",
                    0,
                    100,
                ),
                Column("total", "INTEGER", "pompa terpasang", "pompa", 0, 100),
            ),
        ),
        Table(
            "inundations",
            "RT atau RW yang tergenang pada satu saat",
            ("area_code", "event_time"),
            (
                _text("area_code", "kode RT atau RW dari sumber", required=True),
                _text("area_name", "nama seperti tertulis, misalnya RW 09"),
                Column("area_level", "VARCHAR", "rt atau rw", required=True, one_of=("rt", "rw")),
                Column("depth_min_cm", "DOUBLE", "kedalaman terkecil", "cm", 0, 1000),
                Column("depth_max_cm", "DOUBLE", "kedalaman terbesar", "cm", 0, 1000),
                _text("state", "keadaan menurut istilah sumber"),
                _text("cause", "penyebab, bila disebut"),
                # TopoJSON moves every point by metres when another area joins the list.
                _lon(hashed=False),
                _lat(hashed=False),
                ENDED,
                _kelurahan(),
            ),
            located=True,
        ),
        Table(
            "flood_reports",
            "satu laporan banjir dari warga",
            ("report_id",),
            (
                _text("report_id", "id laporan", required=True),
                _lon(required=True, hashed=False),
                _lat(required=True, hashed=False),
                Column("depth_cm", "DOUBLE", "kedalaman yang dilaporkan", "cm", 0, 500),
                _text("source", "aplikasi yang menerimanya"),
                _text("text_redacted", "isi laporan tanpa data pribadi"),
                _kelurahan(),
            ),
            located=True,
        ),
        Table(
            "rainfall",
            "curah hujan di satu pos dalam selang waktu sebelum event_time",
            ("station_id", "event_time"),
            (
                _text("station_id", "pos hujan", required=True),
                Column("rain_mm", "DOUBLE", "curah hujan dalam selang waktu", "mm", 0, 500, True),
                Column("interval_minutes", "INTEGER", "panjang selang waktu", "menit", 1, 1440),
                _lon(),
                _lat(),
            ),
        ),
        Table(
            "traffic_jams",
            "satu kemacetan pada satu saat",
            ("jam_id", "event_time"),
            (
                _text("jam_id", "id kemacetan", required=True),
                _text("street", "nama jalan"),
                Column("level", "TINYINT", "0 lancar sampai 5 ditutup", low=0, high=5),
                Column("speed_kmh", "DOUBLE", "kecepatan", "km/jam", 0, 200),
                Column("length_m", "DOUBLE", "panjang", "m", 0, 200_000),
                Column(
                    "delay_s",
                    "DOUBLE",
                    "tundaan terhadap arus lancar; kosong bila ditutup",
                    "detik",
                    0,
                    86_400,
                ),
                _text("geometry", "garis GeoJSON (LineString)"),
                _lon(),
                _lat(),
                ENDED,
                _kelurahan(),
            ),
            MONTHLY,
            located=True,
        ),
        Table(
            "traffic_alerts",
            "satu peringatan lalu lintas dari pengguna jalan",
            ("alert_id",),
            (
                _text("alert_id", "id peringatan", required=True),
                _text("type", "jenis menurut sumber"),
                _text("subtype", "subjenis menurut sumber"),
                _text("street", "nama jalan"),
                Column("reliability", "DOUBLE", "keandalan, 0 sampai 10", low=0, high=10),
                _lon(required=True),
                _lat(required=True),
                ENDED,
                _kelurahan(),
            ),
            located=True,
        ),
        Table(
            "air_measurements",
            "satu parameter di satu stasiun pemantau udara pada satu saat",
            ("station_id", "parameter", "event_time"),
            (
                _text(
                    "station_id", "stasiun dalam air_stations, atau id dari sumber", required=True
                ),
                Column(
                    "parameter",
                    "VARCHAR",
                    "parameter yang diukur",
                    required=True,
                    one_of=POLLUTANTS,
                ),
                Column("value", "DOUBLE", "konsentrasi", "µg/m³", -50, 100_000, True),
                _text("unit", "satuan value"),
                _text("averaging", "waktu perataan, misalnya 1h"),
                Column("ispu", "INTEGER", "indeks yang dihitung sumber", low=0, high=2_000),
            ),
        ),
        Table(
            "ispu_daily",
            "ISPU satu hari, dari satu stasiun atau nilai tertinggi sekota",
            ("station_id", "city_max", "event_time"),
            (
                _text("station_id", "DKI1 sampai DKI5", required=True),
                Column("day", "DATE", "hari, WIB", required=True),
                *(
                    Column(name, "DOUBLE", f"indeks {name}", low=0, high=1_000)
                    for name in ("pm10", "pm25", "so2", "co", "o3", "no2")
                ),
                Column("index_max", "DOUBLE", "indeks tertinggi", low=0, high=1_000),
                _text("critical", "parameter kritis, yang indeksnya tertinggi"),
                Column("category", "VARCHAR", "kategori seperti tertulis", one_of=CATEGORIES_ISPU),
                Column(
                    "city_max",
                    "BOOLEAN",
                    "tiap indeks nilai tertinggi sekota, station_id tempat index_max tercatat",
                    required=True,
                ),
            ),
        ),
        Table(
            "weather_forecasts",
            "prakiraan untuk satu kelurahan dan satu jam; event_time adalah issued_at",
            ("adm4", "valid_time", "event_time"),
            (
                _text("adm4", "kode kelurahan", required=True),
                _time("valid_time", "saat yang diprakirakan", required=True),
                _time("issued_at", "saat analisis", required=True),
                Column("temperature_c", "DOUBLE", "suhu", "°C", -10, 60),
                Column("humidity_pct", "DOUBLE", "kelembapan relatif", "%", 0, 100),
                Column("rain_mm", "DOUBLE", "curah hujan", "mm", 0, 500),
                Column("weather_code", "INTEGER", "kode cuaca BMKG", low=0, high=200),
                _text("weather", "cuaca dalam kata"),
                Column("wind_kmh", "DOUBLE", "kecepatan angin", "km/jam", 0, 300),
            ),
        ),
        Table(
            "weather_alerts",
            "satu peringatan BMKG (CAP 1.2)",
            ("alert_id",),
            (
                _text("alert_id", "id peringatan (identifier CAP)", required=True),
                _text("event", "kejadian (event CAP)"),
                _text("urgency", "kemendesakan (urgency CAP)"),
                _text("severity", "keparahan (severity CAP)"),
                _text("certainty", "kepastian (certainty CAP)"),
                _text("headline", "judul (headline CAP)"),
                _text("description", "uraian (description CAP)"),
                _text("area", "wilayah (areaDesc CAP)"),
                _text("message_type", "jenis pesan (msgType CAP)"),
                _time("effective_at", "mulai berlaku (effective CAP)"),
                _time("expires_at", "berlaku sampai (expires CAP)"),
                _text("polygon", "poligon GeoJSON (MultiPolygon)"),
                ENDED,
            ),
        ),
        Table(
            "officers",
            "perangkat satu petugas; event_time adalah saat pembacaan",
            ("officer_id",),
            (
                _text("officer_id", "id perangkat", required=True),
                _text("name", "nama satuan, bukan nama orang", required=True),
                _text("agency", "perangkat daerah"),
                _text("category", "jenis perangkat atau regu"),
            ),
            (),
            dated=False,
        ),
        Table(
            "officer_positions",
            "posisi satu petugas pada satu saat",
            ("officer_id", "event_time"),
            (
                _text("officer_id", "id perangkat", required=True),
                _lon(required=True),
                _lat(required=True),
                Column("accuracy_m", "DOUBLE", "ketelitian", "m", 0, 100_000),
                Column("speed_kmh", "DOUBLE", "kecepatan", "km/jam", 0, 250),
                Column("battery_pct", "DOUBLE", "baterai", "%", 0, 100),
                _kelurahan(),
            ),
            MONTHLY,
            located=True,
        ),
        Table(
            "duty_roster",
            "status dinas satu petugas sejak satu saat",
            ("officer_id", "event_time"),
            (
                _text("officer_id", "id perangkat", required=True),
                Column(
                    "state",
                    "VARCHAR",
                    "status dinas",
                    required=True,
                    one_of=("on_duty", "assigned", "off"),
                ),
                _text("task_id", "tugas, bila ada penugasan"),
                _time("until", "akhir giliran dinas atau tugas"),
            ),
        ),
        Table(
            "cameras",
            "satu kamera; event_time adalah saat pembacaan",
            ("camera_id",),
            (
                _text("camera_id", "id kamera", required=True),
                _text("name", "nama", required=True),
                _text("owner", "pengelola"),
                _text("kind", "road (jalan), gate (pintu air), pump (pompa) atau other (lainnya)"),
                _text("snapshot_url", "gambar diam; kosong bila ketentuannya melarang pengambilan"),
                _text("stream_url", "gambar langsung"),
                _text(
                    "embed_url", "halaman untuk disematkan, bila ketentuannya melarang perantara"
                ),
                Column(
                    "proxied",
                    "BOOLEAN",
                    "milik sendiri atau berizin, sehingga server boleh mengambilnya",
                ),
                Column("flood", "BOOLEAN", "mengamati air, sehingga diperiksa setiap 10 detik"),
                _lon(),
                _lat(),
                _kelurahan(),
            ),
            (),
            dated=False,
            located=True,
        ),
        Table(
            "camera_checks",
            "keadaan satu kamera: tiap perubahan, dan satu baris tiap jam",
            ("camera_id", "event_time"),
            (
                _text("camera_id", "id kamera", required=True),
                Column(
                    "state",
                    "VARCHAR",
                    "keadaan menurut pemeriksaan",
                    required=True,
                    one_of=("live", "frozen", "black", "unreachable", "shifted"),
                ),
                Column("latency_ms", "DOUBLE", "waktu sampai gambar diterima", "ms", 0, 600_000),
                _text("frame_hash", "hash gambar"),
            ),
        ),
        Table(
            "corridor_hours",
            "lalu lintas satu koridor selama satu jam",
            ("corridor_id", "event_time"),
            (
                _text("corridor_id", "koridor dalam corridors", required=True),
                Column("speed_kmh", "DOUBLE", "kecepatan rata-rata", "km/jam", 0, 200),
                Column("jam_m", "DOUBLE", "panjang kemacetan rata-rata", "m", 0, 200_000),
                Column("delay_s", "DOUBLE", "tundaan rata-rata", "detik", 0, 86_400),
            ),
        ),
        Table(
            "alarms",
            "satu perubahan satu peringatan, dihitung dari sumber data lain; event_time adalah saat"
            " pembacaan yang mengubahnya, known_time saat dinilai",
            ("alarm_id", "event_time"),
            (
                _text("alarm_id", "aturan:subjek, misalnya gate_level:manggarai", required=True),
                _text("rule", "aturan dalam alarm_rules", required=True),
                Column(
                    "subject_kind",
                    "VARCHAR",
                    "jenis hal yang diperingatkan",
                    required=True,
                    one_of=SUBJECT_KINDS,
                ),
                _text("subject_id", "id hal itu", required=True),
                _text("subject", "nama hal itu di layar", required=True),
                Column("severity", "VARCHAR", "tingkat", required=True, one_of=SEVERITIES),
                Column(
                    "level", "TINYINT", "anak tangga dalam aturan, 1 paling ringan", low=1, high=9
                ),
                Column(
                    "state",
                    "VARCHAR",
                    "raised (muncul), changed (berubah), cleared (berakhir) atau unassessable"
                    " (tidak dapat dinilai)",
                    required=True,
                    one_of=("raised", "changed", "cleared", "unassessable"),
                ),
                Column("value", "DOUBLE", "nilai yang dinilai, dalam satuan unit"),
                _text("unit", "satuan value dan bound"),
                Column("bound", "DOUBLE", "ambang yang dilewati, dalam satuan unit"),
                _text("title", "peringatan dalam satu kalimat", required=True),
                _text("feeds", "sumber data yang dinilai, dipisahkan spasi"),
                _text("owner", "jabatan yang memutuskan"),
                _time("raised_at", "saat peringatan ini muncul", required=True),
                _time("since", "saat tingkat ini dicapai", required=True),
                _lon(hashed=False),
                _lat(hashed=False),
                _kelurahan("kelurahan tempatnya; kosong di luar Jakarta"),
            ),
        ),
        Table(
            "city_status",
            "satu perubahan status kota atau alasannya, dihitung dari peringatan",
            ("area_code", "event_time"),
            (
                _text("area_code", "31, seluruh Jakarta", required=True),
                Column(
                    "level",
                    "TINYINT",
                    "1 Rutin, 2 Penguatan, 3 Tinggi, 4 Sangat Tinggi, 5 Puncak",
                    low=1,
                    high=5,
                    required=True,
                ),
                _time("since", "saat tingkat ini dicapai", required=True),
                _text("reasons", "alasan tercetak, larik JSON", required=True),
                _text("lowers", "yang akan menurunkannya, larik JSON", required=True),
                Column(
                    "unassessable",
                    "INTEGER",
                    "peringatan yang tidak dapat dinilai",
                    low=0,
                    high=100_000,
                ),
            ),
        ),
        Table(
            "population",
            "penduduk satu kelurahan menurut umur dan jenis kelamin; event_time adalah 31 Desember",
            ("kelurahan_code", "age_group", "sex", "event_time"),
            (
                _text("kelurahan_code", "kelurahan, kode Kemendagri", required=True),
                _text("age_group", "kelompok umur seperti tertulis", required=True),
                Column(
                    "sex", "VARCHAR", "jenis kelamin, L atau P", required=True, one_of=("L", "P")
                ),
                Column("residents", "INTEGER", "jumlah penduduk", "jiwa", 0, 1_000_000, True),
            ),
            (),
        ),
    )
}
