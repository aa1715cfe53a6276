-- One row a clock (of a service on a host, or of an instance of it; '' if neither is known): how far it
-- is ahead of the others, in seconds, as it was last estimated. The offset lies within `width_s` of what
-- was seen (inf: bounded at one side only). For drawing alone: no raw time is rewritten by it, and no
-- alarm reads it. Written by the skew job; read by the API.
CREATE TABLE IF NOT EXISTS clock_offsets
(
    service LowCardinality(String),
    instance String,
    at DateTime64(9, 'UTC'),
    offset_s Float64,
    width_s Float64,
    pairs UInt64
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (service, instance)
SETTINGS default_compression_codec = 'ZSTD(1)';
