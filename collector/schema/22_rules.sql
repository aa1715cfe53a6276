-- One row a rule of a model: when every step of `requires` was seen, one step of `any_of` is owed.
-- `handover`: optional steps between the two that start the wait anew. `implied_by`: steps that never
-- come without one of `any_of`: where one of them was seen, a span is missing, not a step.
-- `beside`: what led to `requires` makes the call that is owed, too.
-- `share`: of orders that took `requires`, the median over blocks of orders; `seen` of `of`: the plain
-- counts behind it; `limit_s`: the wait after which it is late; `within_s`: what was declared (0: nothing).
-- `compensates`: the steps that `any_of` undoes (empty: an ordinary rule).
-- `valid_from`: orders that took `requires` before it owe nothing; the rule came with a deploy.
-- Written by learning (source learned) and from declared flows (declared); read by the judge and the API.
CREATE TABLE IF NOT EXISTS rules
(
    model_at DateTime64(9, 'UTC'),
    workflow String,
    rule String,
    requires Array(String),
    any_of Nested (
        step String,
        service String,
        role LowCardinality(String),
        operation String,
        destination String
    ),
    handover Array(String),
    beside Bool,
    implied_by Array(String),
    source LowCardinality(String),
    share Float64,
    seen UInt64,
    of UInt64,
    median_s Float64,
    p99_s Float64,
    limit_s Float64,
    within_s Float64,
    critical Bool,
    compensates Array(String),
    valid_from DateTime64(9, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (model_at, workflow, rule)
SETTINGS default_compression_codec = 'ZSTD(1)';
