-- The names that a service's steps may have: the first `max_operations` that came, beyond them coarser ones,
-- and at last `{other}`, whose row says that the service's names are cut. A name that is kept stays.
-- Written by the operations job; read by correlate and the API.
CREATE TABLE IF NOT EXISTS operations
(
    service LowCardinality(String),
    operation String,
    coarse Bool,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (service, operation)
SETTINGS default_compression_codec = 'ZSTD(1)';
