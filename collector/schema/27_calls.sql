-- One row a trace: its interactions between two nodes of the map, a call that was served (or not), a
-- message sent to a topic or taken from it, a query to a database. `at`: seconds. `took`: the call's time, for
-- a message taken its time in the broker, as n of 1.04^n seconds (-32768: none); `messages`: how many a batch took,
-- else 1. Written as a whole for each changed trace, by the calls job; the newest version counts. Read by
-- the list of orders, and by the next run, to take out of `calls_by_minute` what it replaces.
CREATE TABLE IF NOT EXISTS calls
(
    TraceId String,
    workflows Array(LowCardinality(String)),
    calls Nested (
        source LowCardinality(String),
        target LowCardinality(String),
        kind LowCardinality(String),
        at Int64,
        took Int16,
        messages UInt32,
        failed Bool
    ),
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY TraceId
SETTINGS default_compression_codec = 'ZSTD(1)', index_granularity = 1024;
