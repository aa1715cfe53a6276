-- One row an edge of the map, minute (hour, when it is a day old: see the calls_by_hour job) and set of workflows (after merging): how many calls or messages,
-- how many of them failed, and how many took how long (`took`: as in `calls`). Times in seconds. Sums, to which each run of
-- the jobs adds what changed: a trace's new calls less its old ones. A run that is repeated adds nothing,
-- for the engine knows its token. `version`: of the last run that changed it. Written by the calls_by_minute job; read by the map.
CREATE TABLE IF NOT EXISTS calls_by_minute
(
    minute Int64 CODEC(DoubleDelta, ZSTD(1)),
    source LowCardinality(String),
    target LowCardinality(String),
    kind LowCardinality(String),
    workflows Array(LowCardinality(String)),
    calls SimpleAggregateFunction(sum, Int64),
    errors SimpleAggregateFunction(sum, Int64),
    took SimpleAggregateFunction(sumMap, Map(Int16, Int64)),
    last_seen SimpleAggregateFunction(max, Int64),
    version SimpleAggregateFunction(max, UInt64)
)
ENGINE = AggregatingMergeTree
ORDER BY (minute, source, target, kind, workflows)
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 1024, non_replicated_deduplication_window = 100;
