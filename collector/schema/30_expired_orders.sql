-- The orders that are being deleted for their age, as `expired` is for traces.
CREATE TABLE IF NOT EXISTS expired_orders
(
    workflow LowCardinality(String),
    order_id String
)
ENGINE = MergeTree
ORDER BY (workflow, order_id)
SETTINGS default_compression_codec = 'ZSTD(1)';
