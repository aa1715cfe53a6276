-- What traces without keys get from the traces they are linked with: one row a trace (SpanId ''), and one
-- a span whose links lead to a single order. `nearest`: links between it and the trace that has the key.
-- Written by the inherit job; read by correlate. The newest version counts; '' orders: nothing any more.
CREATE TABLE IF NOT EXISTS inherited
(
    TraceId String,
    SpanId String,
    orders Array(Tuple(workflow String, order_id String)),
    nearest UInt8,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (TraceId, SpanId)
SETTINGS index_granularity = 512;
