-- complaint_photos: what the photos of finished complaints look like, without the photos.

create table if not exists complaint_photos (
    complaint_id varchar,
    which varchar,
    state varchar,
    phash varchar,
    taken_at timestamptz,
    has_gps boolean,
    distance_m double,
    bytes integer,
    event_time timestamptz,
    known_time timestamptz,
    known_assumed boolean,
    simulated boolean,
    feed varchar,
    run_id varchar,
    row_hash ubigint
);
comment on table complaint_photos is 'satu foto pengaduan seperti diambil dari sumber; event_time adalah saat pengaduan selesai';
comment on column complaint_photos.complaint_id is 'nomor laporan';
comment on column complaint_photos.which is 'sebelum atau sesudah ditindaklanjuti';
comment on column complaint_photos.state is 'stored (tersimpan), refused (ditolak sumber atau pengaman), unreachable (belum terjangkau), too_large (terlalu besar) atau unreadable (bukan gambar)';
comment on column complaint_photos.phash is 'hash perseptual, 16 angka heksadesimal';
comment on column complaint_photos.taken_at is 'saat diambil menurut berkasnya';
comment on column complaint_photos.has_gps is 'berkasnya menyebut titik; titik itu tidak disimpan';
comment on column complaint_photos.distance_m is 'jarak titik dalam berkas ke titik pengaduan [m]';
comment on column complaint_photos.bytes is 'ukuran berkas sumber [byte]';
comment on column complaint_photos.event_time is 'waktu kejadian';
comment on column complaint_photos.known_time is 'waktu diketahui';
comment on column complaint_photos.known_assumed is 'known_time adalah event_time ditambah jeda lazim sumber data';
comment on column complaint_photos.simulated is 'baris berisi data simulasi';
comment on column complaint_photos.feed is 'sumber data yang membawanya';
comment on column complaint_photos.run_id is 'proses yang membawanya';
comment on column complaint_photos.row_hash is 'hash isi baris';
alter table complaint_photos set partitioned by (year(event_time));
