-- One row a change of an order's state, append-only: when the judge first said so. With it alarms grade
-- themselves (how many cleared alone). Fed by a view of `orders`.
CREATE TABLE IF NOT EXISTS verdicts
(
    at DateTime64(9, 'UTC'),
    workflow LowCardinality(String),
    order_id String,
    state LowCardinality(String),
    verdict LowCardinality(String),
    step LowCardinality(String),
    cause_id String
)
ENGINE = MergeTree
ORDER BY (at, workflow, order_id)
SETTINGS default_compression_codec = 'ZSTD(1)';
