-- One row an order: what is known of it, as a whole, from all its traces; grows only. A step stands
-- once however often it was tried. No verdicts here. The newest version counts; `deleted` marks an
-- order that has lost its last trace (a run whose key came late).
-- sampled: of some of its traces only a part is kept, so what is missing may have happened.
-- steps.seen: when the collector first saw the step; steps.failed: no attempt succeeded;
-- steps.TraceId, SpanId, partition, version, instance: of the last attempt.
-- steps.cause: the nearest earlier step that led here ('' unknown). steps.attempts: tries of the same
-- message or call; steps.duplicates: deliveries of a message that had already been taken.
-- Written by the assemble job for touched orders; read by learn, judge and the API.
CREATE TABLE IF NOT EXISTS order_facts
(
    workflow LowCardinality(String),
    order_id String,
    started DateTime64(9, 'UTC'),
    ended DateTime64(9, 'UTC'),
    first_seen DateTime64(9, 'UTC'),
    last_seen DateTime64(9, 'UTC'),
    span_count UInt32,
    trace_ids Array(String),
    services Array(LowCardinality(String)),
    sampled Bool DEFAULT false,
    steps Nested (
        step LowCardinality(String),
        service LowCardinality(String),
        role LowCardinality(String),
        operation LowCardinality(String),
        destination LowCardinality(String),
        started DateTime64(9, 'UTC'),
        ended DateTime64(9, 'UTC'),
        seen DateTime64(9, 'UTC'),
        attempts UInt32,
        duplicates UInt32,
        failed Bool,
        error String,
        TraceId String,
        SpanId String,
        cause LowCardinality(String),
        partition LowCardinality(String),
        version LowCardinality(String),
        instance LowCardinality(String)
    ),
    version UInt64,
    deleted UInt8,
    INDEX by_version version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version, deleted)
ORDER BY (workflow, order_id)
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 512;
