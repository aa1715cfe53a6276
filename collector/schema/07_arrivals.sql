-- The jobs' journal: one row a trace and commit, in the order of the commits. A tick reads the traces
-- that got spans since the last one. Repeating a row does no harm. Fed by a view of `spans`.
CREATE TABLE IF NOT EXISTS arrivals
(
    stored_at DateTime64(9, 'UTC') CODEC(Delta, ZSTD(1)),
    TraceId String,
    spans UInt32
)
ENGINE = MergeTree
ORDER BY (stored_at, TraceId)
SETTINGS default_compression_codec = 'ZSTD(1)';
