-- feed_days: what the runs of past days came to, kept when the runs are forgotten.

create table feed_days (
    day date,
    feed varchar,
    simulated boolean,
    runs bigint,
    working bigint
);
comment on table feed_days is 'proses satu sumber data dalam satu hari yang sudah lewat';
comment on column feed_days.day is 'hari selesainya, WIB';
comment on column feed_days.feed is 'nama sumber data';
comment on column feed_days.simulated is 'sumbernya kota simulasi';
comment on column feed_days.runs is 'proses, tanpa pemuatan berkas riwayat';
comment on column feed_days.working is 'di antaranya yang tidak gagal';
