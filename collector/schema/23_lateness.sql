-- One row a service and ten seconds (after merging), by the collector's clock: how many of its steps were
-- seen then, and how many of them more than ten seconds later than usual after they had ended. Telemetry that
-- comes late in bursts is told by it from a service that has stopped; single spans that do, from lost orders.
-- `least_s`: the smallest time from a step's end until it was seen, by both clocks, whatever these show;
-- `tardy`: steps (a hash) that were more than three seconds later than usual, and by how much; at most 100.
-- Written by the lateness job; read by it and the judge.
CREATE TABLE IF NOT EXISTS lateness
(
    at DateTime('UTC'),
    service LowCardinality(String),
    steps AggregateFunction(uniqCombined, UInt64),
    late AggregateFunction(uniqCombined, UInt64),
    longest_s SimpleAggregateFunction(max, Float64),
    least_s SimpleAggregateFunction(min, Float64),
    tardy SimpleAggregateFunction(groupUniqArrayArray(100), Array(Tuple(UInt64, Float64)))
)
ENGINE = AggregatingMergeTree
ORDER BY (at, service)
SETTINGS default_compression_codec = 'ZSTD(1)';
