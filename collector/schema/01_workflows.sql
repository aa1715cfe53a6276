-- One row a workflow that is bound by keys: the span attributes that carry an order's id, in order of
-- preference. Written at start from the settings; read by the view of `spans` at every insert.
CREATE TABLE IF NOT EXISTS workflows
(
    workflow String,
    keys Array(String),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY workflow;
