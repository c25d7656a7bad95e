-- alarms and city_status: derived from the other facts.

create table alarms (
    alarm_id varchar,
    rule varchar,
    subject_kind varchar,
    subject_id varchar,
    subject varchar,
    severity varchar,
    level tinyint,
    state varchar,
    value double,
    unit varchar,
    bound double,
    title varchar,
    feeds varchar,
    owner varchar,
    raised_at timestamptz,
    since timestamptz,
    lon double,
    lat double,
    kelurahan_code varchar,
    event_time timestamptz,
    known_time timestamptz,
    known_assumed boolean,
    simulated boolean,
    feed varchar,
    run_id varchar,
    row_hash ubigint
);
comment on table alarms is 'satu perubahan satu peringatan, dihitung dari sumber data lain; event_time adalah saat pembacaan yang mengubahnya, known_time saat dinilai';
comment on column alarms.alarm_id is 'aturan:subjek, misalnya gate_level:manggarai';
comment on column alarms.rule is 'aturan dalam alarm_rules';
comment on column alarms.subject_kind is 'jenis hal yang diperingatkan';
comment on column alarms.subject_id is 'id hal itu';
comment on column alarms.subject is 'nama hal itu di layar';
comment on column alarms.severity is 'tingkat';
comment on column alarms.level is 'anak tangga dalam aturan, 1 paling ringan';
comment on column alarms.state is 'raised (muncul), changed (berubah), cleared (berakhir) atau unassessable (tidak dapat dinilai)';
comment on column alarms.value is 'nilai yang dinilai, dalam satuan unit';
comment on column alarms.unit is 'satuan value dan bound';
comment on column alarms.bound is 'ambang yang dilewati, dalam satuan unit';
comment on column alarms.title is 'peringatan dalam satu kalimat';
comment on column alarms.feeds is 'sumber data yang dinilai, dipisahkan spasi';
comment on column alarms.owner is 'jabatan yang memutuskan';
comment on column alarms.raised_at is 'saat peringatan ini muncul';
comment on column alarms.since is 'saat tingkat ini dicapai';
comment on column alarms.lon is 'bujur, WGS 84 [°]';
comment on column alarms.lat is 'lintang, WGS 84 [°]';
comment on column alarms.kelurahan_code is 'kelurahan tempatnya; kosong di luar Jakarta';
comment on column alarms.event_time is 'waktu kejadian';
comment on column alarms.known_time is 'waktu diketahui';
comment on column alarms.known_assumed is 'known_time adalah event_time ditambah jeda lazim sumber data';
comment on column alarms.simulated is 'baris berisi data simulasi';
comment on column alarms.feed is 'sumber data yang membawanya';
comment on column alarms.run_id is 'proses yang membawanya';
comment on column alarms.row_hash is 'hash isi baris';
alter table alarms set partitioned by (year(event_time));

create table city_status (
    area_code varchar,
    level tinyint,
    since timestamptz,
    reasons varchar,
    lowers varchar,
    unassessable integer,
    event_time timestamptz,
    known_time timestamptz,
    known_assumed boolean,
    simulated boolean,
    feed varchar,
    run_id varchar,
    row_hash ubigint
);
comment on table city_status is 'satu perubahan status kota atau alasannya, dihitung dari peringatan';
comment on column city_status.area_code is '31, seluruh Jakarta';
comment on column city_status.level is '1 Rutin, 2 Penguatan, 3 Tinggi, 4 Sangat Tinggi, 5 Puncak';
comment on column city_status.since is 'saat tingkat ini dicapai';
comment on column city_status.reasons is 'alasan tercetak, larik JSON';
comment on column city_status.lowers is 'yang akan menurunkannya, larik JSON';
comment on column city_status.unassessable is 'peringatan yang tidak dapat dinilai';
comment on column city_status.event_time is 'waktu kejadian';
comment on column city_status.known_time is 'waktu diketahui';
comment on column city_status.known_assumed is 'known_time adalah event_time ditambah jeda lazim sumber data';
comment on column city_status.simulated is 'baris berisi data simulasi';
comment on column city_status.feed is 'sumber data yang membawanya';
comment on column city_status.run_id is 'proses yang membawanya';
comment on column city_status.row_hash is 'hash isi baris';
alter table city_status set partitioned by (year(event_time));
