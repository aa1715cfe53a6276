-- One row an interaction between two nodes of the map: a call that was served (or not), a message sent
-- to a topic or taken from it, a query to a database. Keyed by the span that stands for it, so that a
-- span that comes twice counts once. `took` in seconds: the call's time; for a message taken, its time
-- in the broker; `messages`: how many a batch took, else 1. Written by the edges job as a whole for each changed trace; read by the API's map.
CREATE TABLE IF NOT EXISTS calls
(
    TraceId String,
    SpanId String,
    source LowCardinality(String),
    target LowCardinality(String),
    kind LowCardinality(String),
    at DateTime64(9, 'UTC'),
    took Float64,
    messages UInt32 DEFAULT 1,
    failed Bool,
    workflows Array(LowCardinality(String)),
    version UInt64,
    deleted UInt8
)
ENGINE = ReplacingMergeTree(version, deleted)
ORDER BY (TraceId, SpanId);
