-- One row an edge (after merging) whose orders all go on by a step that the model doesn't know, instead of
-- the one they owe: a deploy changed the flow. Of orders that came to wait there from `since` on nothing is
-- owed by that rule, until somebody gets through again or a new model knows better.
-- Written by the drift job; read by the judge.
CREATE TABLE IF NOT EXISTS drifts
(
    workflow LowCardinality(String),
    rule LowCardinality(String),
    last LowCardinality(String),
    step LowCardinality(String),
    since SimpleAggregateFunction(min, Int64),
    at SimpleAggregateFunction(max, DateTime64(9, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (workflow, rule, last, step)
SETTINGS default_compression_codec = 'ZSTD(1)';
