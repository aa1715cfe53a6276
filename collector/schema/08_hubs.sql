-- One row a kind of further id that changed its nature: `hub` tells that such ids go with many orders (a
-- customer's), and so never join anything; `fan` is how many, on average. The newest version counts.
-- Written by the hubs job; read by the aliases job and the API.
CREATE TABLE IF NOT EXISTS hubs
(
    workflow LowCardinality(String),
    key LowCardinality(String),
    hub Bool,
    fan Float64,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (workflow, key)
SETTINGS default_compression_codec = 'ZSTD(1)';
