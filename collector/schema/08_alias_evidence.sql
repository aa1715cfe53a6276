-- What the aliases job is about to look at, made by the job before it and dropped soon after: one row an id
-- to be resolved (`further` holds it, `node`), or a context of those: the orders' own ids and the further
-- ids that were seen together in it. `version`: of the run.
CREATE TABLE IF NOT EXISTS alias_evidence
(
    version UInt64,
    node Bool,
    workflow LowCardinality(String),
    own Array(String),
    further Array(Tuple(key String, value String))
)
ENGINE = MergeTree
ORDER BY version
SETTINGS default_compression_codec = 'ZSTD(1)';
