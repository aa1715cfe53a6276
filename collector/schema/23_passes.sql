-- One row a rule (after merging): how far orders have got past it. `frontier`: when the latest order
-- that took both steps was seen at `after`; an order seen there earlier that still waits has been
-- overtaken. `last_pass`: when somebody was last seen to take `step`. All by the collector's clock; only
-- maxima, so repeating does no harm. Written by the frontier job; read by the judge.
CREATE TABLE IF NOT EXISTS passes
(
    workflow String,
    after String,
    step String,
    frontier SimpleAggregateFunction(max, DateTime64(9, 'UTC')),
    last_pass SimpleAggregateFunction(max, DateTime64(9, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (workflow, after, step);
