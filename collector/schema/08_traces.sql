-- One row a trace: the orders it belongs to and its steps with their causes inside the trace.
-- Written by the correlate job as a whole whenever the trace got spans; the newest version counts.
-- `depth`: 0 the trace has keys of its own, n it took its orders over n links (99: or more), 100 + n some of
-- those against their direction, 255 it is a run of its own.
-- `was`: every order it was ever given to, so that an order that loses a trace is looked at again.
-- `changed`: its orders differ from the version before (traces linked to it must be looked at).
-- `sampled`: some of its spans say that only a part of such traces is kept.
-- steps.belongs: position in `orders` of the only order the step belongs to; 0 it is shared by all.
-- steps.cause_trace/cause_span: the nearest step above it, or what it links to; '' if neither is known.
CREATE TABLE IF NOT EXISTS traces
(
    TraceId String,
    orders Array(Tuple(workflow String, order_id String)),
    depth UInt8,
    was Array(Tuple(workflow String, order_id String)),
    changed Bool,
    span_count UInt32,
    started DateTime64(9, 'UTC'),
    ended DateTime64(9, 'UTC'),
    first_seen DateTime64(9, 'UTC'),
    last_seen DateTime64(9, 'UTC'),
    services Array(LowCardinality(String)),
    sampled Bool,
    detail_ids Array(String),
    detail_belongs Array(UInt32),
    steps Nested (
        SpanId String,
        service LowCardinality(String),
        role LowCardinality(String),
        operation LowCardinality(String),
        destination LowCardinality(String),
        peer LowCardinality(String),
        started DateTime64(9, 'UTC'),
        ended DateTime64(9, 'UTC'),
        seen_at DateTime64(9, 'UTC'),
        failed Bool,
        error String,
        service_version LowCardinality(String),
        instance LowCardinality(String),
        message_id String,
        message_partition LowCardinality(String),
        message_offset String,
        cause_trace String,
        cause_span String,
        belongs UInt32
    ),
    version UInt64,
    INDEX by_version version TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(version)
ORDER BY TraceId
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 512;
