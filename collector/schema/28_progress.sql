-- How far each job has got: nanoseconds of `stored_at`, or a version. One row a job; the newest counts.
CREATE TABLE IF NOT EXISTS progress
(
    job String,
    reached UInt64,
    at DateTime64(9, 'UTC')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY job
SETTINGS default_compression_codec = 'ZSTD(1)';
