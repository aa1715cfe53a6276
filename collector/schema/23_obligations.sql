-- One row an order that isn't finished: what it owes by the rules in force, what failed, and what else the
-- judge needs to know of it; no clock in it. `owed.last`: the step from which on it waits, taken at
-- `owed.since` by its own clock and `owed.armed` (nanoseconds) by the collector's.
-- `about`: what the list of orders shows of it, with the last step it took. `failure`: the deepest that
-- nobody handled (step '' none) and how long a retry may take to come; `dead`: it went to a dead letter topic;
-- `undoing`: compensation has begun; then only compensations (`owed.undo`) count as owed.
-- `news`: its steps that the model doesn't know. `deleted`: the judge has closed it.
-- Written by the oblige job for touched orders, and by close; read by the judge.
CREATE TABLE IF NOT EXISTS obligations
(
    workflow LowCardinality(String),
    order_id String,
    about Tuple(
        started DateTime64(9, 'UTC'),
        ended DateTime64(9, 'UTC'),
        last_seen DateTime64(9, 'UTC'),
        span_count UInt32,
        trace_count UInt32,
        services Array(LowCardinality(String)),
        trivial Bool,
        step LowCardinality(String),
        service LowCardinality(String)),
    failure Tuple(
        step LowCardinality(String),
        service LowCardinality(String),
        error String,
        seen Int64,
        patience Int64),
    sampled Bool,
    declared Bool,
    ended_well Bool,
    ended_badly Bool,
    dead Bool,
    undoing Bool,
    news Array(LowCardinality(String)),
    owed Array(Tuple(
        rule LowCardinality(String),
        step LowCardinality(String),
        service LowCardinality(String),
        role LowCardinality(String),
        operation LowCardinality(String),
        destination LowCardinality(String),
        any_of Array(String),
        last LowCardinality(String),
        last_service LowCardinality(String),
        since DateTime64(9, 'UTC'),
        armed Int64,
        diagnosis LowCardinality(String),
        critical Bool,
        undo Bool,
        aside Bool)),
    version UInt64,
    deleted UInt8
)
ENGINE = ReplacingMergeTree(version, deleted)
ORDER BY (workflow, order_id)
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 1024, allow_experimental_replacing_merge_with_cleanup = 1;
