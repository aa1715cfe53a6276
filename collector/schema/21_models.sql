-- One row a workflow and time of learning: how many mature orders stood behind the rules, the steps that
-- the model knows (a step that it doesn't know may have come with a deploy), for each service the share of
-- its steps whose spans were missing though later steps show that they happened, the declared ends, and
-- the budget: the share of false alarms among `odd_order` verdicts that the judge aims at.
-- The newest model_at over all workflows is the model in force; written after its rules and waits.
-- Written by learning; read by the judge and the API.
CREATE TABLE IF NOT EXISTS models
(
    model_at DateTime64(9, 'UTC'),
    workflow String,
    mature_orders UInt64,
    steps Array(String),
    dropped Map(String, Float64),
    ends_success Array(String),
    ends_failure Array(String),
    budget Float64 DEFAULT 0.02
)
ENGINE = ReplacingMergeTree
ORDER BY (model_at, workflow)
SETTINGS default_compression_codec = 'ZSTD(1)';
