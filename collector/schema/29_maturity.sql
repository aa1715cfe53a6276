-- One row a workflow (after merging): orders first seen before `mature_before` are old enough to learn
-- from. It never goes back, or a growing queue, which makes orders slower, would leave nothing to know
-- them by. Written by the mature job; read by the learner's counts.
CREATE TABLE IF NOT EXISTS maturity
(
    workflow String,
    mature_before SimpleAggregateFunction(max, DateTime64(9, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY workflow
SETTINGS default_compression_codec = 'ZSTD(1)';
