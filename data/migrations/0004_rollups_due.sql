-- rollups_due: days whose rollups wait to be built; data/rollups.py keeps it.

create table rollups_due (table_name varchar, simulated boolean, known_day date);
comment on table rollups_due is 'satu hari yang ringkasannya menunggu dihitung';
comment on column rollups_due.table_name is 'tabel fakta yang bertambah';
comment on column rollups_due.simulated is 'yang bertambah adalah data simulasi';
comment on column rollups_due.known_day is 'hari diketahuinya, WIB';
