-- One row a further id and order that were seen together, on a span or in a trace of that order alone.
-- Kept in buckets by a hash of the id, so that a part of the table is a fair sample of it: that tells how
-- many orders an id of a kind goes with. Written by the alias_orders job; read by that of hubs.
CREATE TABLE IF NOT EXISTS alias_orders
(
    workflow LowCardinality(String),
    key LowCardinality(String),
    bucket UInt16,
    value String,
    order_id String
)
ENGINE = ReplacingMergeTree
ORDER BY (bucket, workflow, key, value, order_id)
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 512;
