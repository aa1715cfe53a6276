-- One row a workflow and time of learning: how many mature orders stood behind the expectations.
-- The newest model_at over all workflows is the model in force; written when its expectations are.
-- Written by the learn job; read by the judge and the API.
CREATE TABLE IF NOT EXISTS models
(
    model_at DateTime64(9, 'UTC'),
    workflow String,
    mature_orders UInt64
)
ENGINE = ReplacingMergeTree
ORDER BY (model_at, workflow);
