-- One row a span and id that it has, in workflows whose orders have several ids (`key` '' is the order's
-- own): finds the traces that know an id. Fed by a view of `spans`; read by the jobs about aliases.
CREATE TABLE IF NOT EXISTS span_keys
(
    workflow LowCardinality(String),
    key LowCardinality(String),
    value String,
    TraceId String,
    SpanId String
)
ENGINE = ReplacingMergeTree
ORDER BY (workflow, key, value, TraceId, SpanId)
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 512;
