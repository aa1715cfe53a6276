-- One row an order and trace that it ever had: finds an order's traces. May hold pairs that are no
-- longer true; `traces` has the last word. Fed by a view of `traces`.
CREATE TABLE IF NOT EXISTS order_traces
(
    workflow LowCardinality(String),
    order_id String,
    TraceId String
)
ENGINE = ReplacingMergeTree
ORDER BY (workflow, order_id, TraceId)
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 512;
