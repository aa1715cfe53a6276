-- One row a span link, found by the trace it points to: who continues a trace elsewhere.
-- Fed by a view of `spans`; read by the correlate job.
CREATE TABLE IF NOT EXISTS span_links
(
    linked_trace String,
    TraceId String
)
ENGINE = ReplacingMergeTree
ORDER BY (linked_trace, TraceId)
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 512;
