-- One row a span: only what correlating, judging and the map need of it, so that the jobs never read
-- the wide table. `role` says what the span does: process, receive, serve, send, call are steps;
-- create and database matter to messages and to the map; '' is detail. `operation` is a name without
-- ids in it. `orders` are the span's own keys. The first copy of a span that comes twice stays.
-- Fed by a view of `otel_traces`; read by the correlate job.
CREATE TABLE IF NOT EXISTS spans
(
    TraceId String CODEC(ZSTD(1)),
    SpanId String CODEC(ZSTD(1)),
    ParentSpanId String CODEC(ZSTD(1)),
    service LowCardinality(String),
    kind LowCardinality(String),
    role LowCardinality(String),
    operation LowCardinality(String),
    destination LowCardinality(String),
    peer LowCardinality(String),
    started DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    ended DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    seen_at DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    stored_at DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    failed Bool,
    error String CODEC(ZSTD(1)),
    orders Array(Tuple(workflow LowCardinality(String), order_id String)),
    message_id String CODEC(ZSTD(1)),
    conversation_id String CODEC(ZSTD(1)),
    link_traces Array(String),
    link_spans Array(String),
    first UInt64 MATERIALIZED 18446744073709551615 - toUInt64(toUnixTimestamp64Nano(seen_at)) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(first)
ORDER BY (TraceId, SpanId)
SETTINGS index_granularity = 512;
