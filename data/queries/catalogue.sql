-- catalogue: the tables of the lake with their size, from the lake's own books.
--
-- Deleted rows count until `etl maintain` has rewritten their files.
--
-- grain  one row per table, in order of name
-- reads  nothing but DuckLake's metadata
--
-- table_name  varchar                   key
-- meaning     varchar                   what one row is; null for reference tables
-- row_count   bigint                    rows
-- newest      timestamp with time zone  greatest event_time; null where there is none

with newest as (
    select held.table_name, max(try_cast(stats.max_value as timestamptz)) as newest
    from __ducklake_metadata_lake.ducklake_table_column_stats as stats
    join __ducklake_metadata_lake.ducklake_column as held_column using (table_id, column_id)
    join __ducklake_metadata_lake.ducklake_table as held using (table_id)
    where held_column.column_name = 'event_time'
        and held.end_snapshot is null
    group by held.table_name
)

select
    known.table_name,
    known.comment as meaning,
    known.estimated_size as row_count,
    newest.newest
from duckdb_tables() as known
left join newest on newest.table_name = known.table_name
where known.database_name = 'lake'
order by known.table_name
