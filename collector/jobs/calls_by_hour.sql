-- Minutes of the map that are a day old become hours: what stands at a minute within an hour moves to its
-- first. What moved adds up to nothing where it was, and is deleted afterwards; so whatever a run that was cut off
-- has done, another changes no sum. All of it is one block, so one part of the table.
INSERT INTO calls_by_minute (minute, source, target, kind, workflows, calls, errors, took, last_seen, version)
SELECT
    if(sign = 1, intDiv(minute, 3600) * 3600, minute) AS minute, source, target, kind, workflows,
    sum(sign * calls) AS calls,
    sum(sign * errors) AS errors,
    sumMap(mapApply((power, n) -> (power, sign * n), took)) AS took,
    max(last_seen) AS last_seen,
    max(version) AS version
FROM
(
    SELECT *, toInt64(arrayJoin([1, -1])) AS sign FROM calls_by_minute
    WHERE minute < {before:Int64} AND minute % 3600 != 0
)
GROUP BY minute, source, target, kind, workflows
SETTINGS min_insert_block_size_rows = 100000000, min_insert_block_size_bytes = 0;
