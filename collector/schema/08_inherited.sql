-- What traces without keys get from the traces they are linked with: one row a trace (SpanId ''), and one
-- a span with links. `nearest`: links between it and the trace that has the key, + 100 where they lead there
-- against their direction. Written by the inherit job; read by correlate. The newest version counts; no
-- orders: a trace has got nothing (any more), a span no single order.
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
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 512;
