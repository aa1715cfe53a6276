-- One row an edge and second: of the orders that came to wait there in that second (`armed`, by the
-- collector's clock), when the first and the last got through. With it: when was an order overtaken? When
-- the first of those that came later got through. `implied`: when the last of them was seen to have gone on
-- from there without its step having been seen. Only minima and maxima, so repeating does no harm.
-- Written by the frontier job; read by the judge.
CREATE TABLE IF NOT EXISTS passes
(
    workflow LowCardinality(String),
    rule LowCardinality(String),
    last LowCardinality(String),
    armed DateTime('UTC'),
    first_done SimpleAggregateFunction(min, DateTime64(9, 'UTC')),
    last_done SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
    implied SimpleAggregateFunction(max, DateTime64(9, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (workflow, rule, last, armed)
SETTINGS default_compression_codec = 'ZSTD(1)';
