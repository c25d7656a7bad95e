call lake.set_option('parquet_compression', 'lz4_raw');
