-- One row a rule of a model: after step `after` comes `step`. `share`: of orders that took `after`, the
-- median over blocks of orders; `seen` of `of`: the plain counts behind it; `limit_s`: the wait after
-- which the step is late; `implied_by`: steps that never come without this one, so that seeing one of
-- them means that this one happened and its span is missing.
-- Written by the learn job (source learned) and from declared flows (declared); read by the judge.
CREATE TABLE IF NOT EXISTS expectations
(
    model_at DateTime64(9, 'UTC'),
    workflow String,
    after String,
    step String,
    service String,
    role LowCardinality(String),
    operation String,
    destination String,
    source LowCardinality(String),
    share Float64,
    seen UInt64,
    of UInt64,
    median_s Float64,
    p99_s Float64,
    limit_s Float64,
    implied_by Array(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (model_at, workflow, after, step);
