-- One row a service and ten seconds (after merging), by the collector's clock: how many of its steps were
-- seen then, and how many of them more than ten seconds after they had ended. Telemetry that comes late in
-- bursts is told by it from a service that has stopped.
-- Written by the lateness job; read by the judge.
CREATE TABLE IF NOT EXISTS lateness
(
    at DateTime('UTC'),
    service LowCardinality(String),
    steps AggregateFunction(uniqCombined, UInt64),
    late AggregateFunction(uniqCombined, UInt64),
    longest_s SimpleAggregateFunction(max, Float64)
)
ENGINE = AggregatingMergeTree
ORDER BY (at, service)
SETTINGS default_compression_codec = 'ZSTD(1)';
