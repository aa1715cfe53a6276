-- The traces that are being deleted for their age: filled by the retention job, emptied when it is done.
-- One list for all tables. What a job that was cut off left here is thrown away and found again.
CREATE TABLE IF NOT EXISTS expired
(
    TraceId String
)
ENGINE = MergeTree
ORDER BY TraceId
SETTINGS default_compression_codec = 'ZSTD(1)';
