-- One row a service (after merging): when we first and last heard of it, by the collector's clock.
-- Only aggregates that a span sent twice can't change, but for `lag`, which is an average.
-- `first_live` and `last_live` leave out history; with them a span that comes late is told from history.
-- Fed by a view of `otel_traces`; read by the view behind `otlp`, by the judge's sentences and the API.
CREATE TABLE IF NOT EXISTS services
(
    service LowCardinality(String),
    namespace SimpleAggregateFunction(max, String),
    first_seen SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
    last_seen SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
    first_live SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
    last_live SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
    lag AggregateFunction(avg, Float64),
    spans AggregateFunction(uniqCombined64, String, String),
    errors AggregateFunction(uniqCombined64, String, String),
    versions SimpleAggregateFunction(groupUniqArrayArray(32), Array(String))
)
ENGINE = AggregatingMergeTree
ORDER BY service
SETTINGS default_compression_codec = 'ZSTD(1)';
