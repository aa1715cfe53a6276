-- One row an unfinished order of which something isn't on time: what is said of each rule that it owes, where
-- that isn't `on_time` (see weigh). The newest version counts; `deleted`: all is on time again.
-- Written by the weigh job where it changes, so that only those orders are judged again; read by it and the judge.
CREATE TABLE IF NOT EXISTS overdue
(
    workflow LowCardinality(String),
    order_id String,
    said Map(String, String),
    version UInt64,
    deleted UInt8
)
ENGINE = ReplacingMergeTree(version, deleted)
ORDER BY (workflow, order_id)
SETTINGS index_granularity = 1024, allow_experimental_replacing_merge_with_cleanup = 1;
