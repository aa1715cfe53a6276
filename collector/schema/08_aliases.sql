-- One row a further id (a payment's, a shipment's): the orders it stands for. `distance`: 0 it was seen
-- with the order's own id, n over n other ids, 254 with none: then the order is named `key=value` by the
-- smallest id of those that were seen together; 255 it is known by too many orders, and joins nothing.
-- Written by the aliases job, only when it changes; the newest version counts.
CREATE TABLE IF NOT EXISTS aliases
(
    workflow LowCardinality(String),
    key LowCardinality(String),
    value String,
    orders Array(String),
    distance UInt8,
    version UInt64,
    INDEX by_version version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (workflow, key, value)
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 512;
