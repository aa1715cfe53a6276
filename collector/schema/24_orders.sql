-- One row an order: what the judge says of it. The newest version counts.
-- `state_since` follows from the facts (when the step became late, failed, or the last one was seen),
-- so that a file loaded today tells of its own time. `owed`: the steps that should come next.
-- Written by the judge; read by the API.
CREATE TABLE IF NOT EXISTS orders
(
    workflow LowCardinality(String),
    order_id String,
    state LowCardinality(String),
    verdict LowCardinality(String),
    started DateTime64(9, 'UTC'),
    ended DateTime64(9, 'UTC'),
    state_since DateTime64(9, 'UTC'),
    step LowCardinality(String),
    service LowCardinality(String),
    diagnosis LowCardinality(String),
    error String,
    cause_id String,
    span_count UInt32,
    trace_count UInt32,
    services Array(LowCardinality(String)),
    trivial Bool,
    owed Array(Tuple(
        rule LowCardinality(String),
        step LowCardinality(String),
        service LowCardinality(String),
        role LowCardinality(String),
        operation LowCardinality(String),
        destination LowCardinality(String),
        any_of Array(String),
        after LowCardinality(String),
        since DateTime64(9, 'UTC'),
        expected_by DateTime64(9, 'UTC'),
        verdict LowCardinality(String),
        diagnosis LowCardinality(String),
        owing LowCardinality(String),
        critical Bool,
        undo Bool,
        seen UInt64,
        of UInt64,
        median_s Float64,
        p99_s Float64)),
    changed Bool,
    judged_at DateTime64(9, 'UTC'),
    version UInt64,
    deleted UInt8,
    INDEX by_version version TYPE minmax GRANULARITY 1,
    INDEX by_state state TYPE set(8) GRANULARITY 1,
    INDEX by_cause cause_id TYPE bloom_filter GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, deleted)
ORDER BY (workflow, order_id)
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 256;
