-- The rows of `calls` that the present run is about to write, like those. Emptied before and after.
CREATE TABLE IF NOT EXISTS calls_drawn
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
ENGINE = Memory;
