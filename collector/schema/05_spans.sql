-- One row a span: only what correlating, judging and the map need of it, so that the jobs never read
-- the wide table. `role` says what the span does: process, receive, serve, send, call are steps;
-- create and database matter to messages and to the map; '' is detail. `operation` is a name without
-- ids in it. `orders`: whose span it is by its own keys. `keys`: in workflows whose orders have several
-- ids, all that the span has; a span that has only further ones ('' is the order's own) gets its `orders`
-- from the aliases job, which writes the row anew. Else the first copy of a span that comes twice stays.
-- `sampled`: such traces are kept in part only. `instance`: the process or host that did it.
-- Fed by a view of `otel_traces`; read by the correlate job.
CREATE TABLE IF NOT EXISTS spans
(
    TraceId String,
    SpanId String,
    ParentSpanId String,
    service LowCardinality(String),
    service_version LowCardinality(String),
    instance LowCardinality(String),
    kind LowCardinality(String),
    role LowCardinality(String),
    operation LowCardinality(String),
    destination LowCardinality(String),
    peer LowCardinality(String),
    started DateTime64(9, 'UTC') CODEC(T64('bit'), ZSTD(1)),
    ended DateTime64(9, 'UTC') CODEC(T64('bit'), ZSTD(1)),
    seen_at DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    stored_at DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    failed Bool,
    error String,
    sampled Bool,
    orders Array(Tuple(workflow LowCardinality(String), order_id String)),
    keys Array(Tuple(workflow LowCardinality(String), key LowCardinality(String), value String)),
    message_id String,
    message_partition LowCardinality(String),
    message_offset String,
    conversation_id String,
    link_traces Array(String),
    link_spans Array(String),
    keyed_at UInt64 DEFAULT 0,
    first UInt64 MATERIALIZED if(
        keyed_at > 0,
        9223372036854775808 + keyed_at,
        9223372036854775807 - toUInt64(toUnixTimestamp64Nano(seen_at))) CODEC(Delta, ZSTD(1))
)
ENGINE = ReplacingMergeTree(first)
ORDER BY (TraceId, SpanId)
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 512;
