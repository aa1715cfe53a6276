-- What the calls that were just drawn change of the sums: they come, those they replace go. `run`: the same
-- for a run that is repeated, which then changes nothing; all of it is one block, so one part of the table.
INSERT INTO calls_by_minute (minute, source, target, kind, workflows, calls, errors, took, last_seen, version)
SELECT
    minute, source, target, kind, workflows,
    sum(sign * messages) AS calls,
    sum(sign * messages * failed) AS errors,
    sumMap(map(took, sign)) AS took,
    max(at) AS last_seen,
    max(version) AS version
FROM
(
    SELECT toInt64(1) AS sign, version, workflows, c.1 AS source, c.2 AS target, c.3 AS kind, c.4 AS at, c.5 AS took, toInt64(c.6) AS messages, c.7 AS failed,
        intDiv(at, 60) * 60 AS minute
    FROM calls_drawn
    ARRAY JOIN arrayZip(`calls.source`, `calls.target`, `calls.kind`, `calls.at`, `calls.took`, `calls.messages`, `calls.failed`) AS c
    UNION ALL
    SELECT toInt64(-1) AS sign, version, workflows, c.1 AS source, c.2 AS target, c.3 AS kind, c.4 AS at, c.5 AS took, toInt64(c.6) AS messages, c.7 AS failed,
        intDiv(at, 60) * 60 AS minute
    FROM calls FINAL
    ARRAY JOIN arrayZip(`calls.source`, `calls.target`, `calls.kind`, `calls.at`, `calls.took`, `calls.messages`, `calls.failed`) AS c
    WHERE TraceId IN (SELECT TraceId FROM calls_drawn)
)
GROUP BY minute, source, target, kind, workflows
SETTINGS insert_deduplicate = 1, insert_deduplication_token = {run:String}, min_insert_block_size_rows = 100000000, min_insert_block_size_bytes = 0;
