-- What a service did in a time: one scan, four kinds of rows, told apart by `by`. `all`: everything; `step`: a step;
-- `interval`: the interval that begins at `t`, seconds since 1970; `bucket`: the work that took less than
-- 2^(bucket/2) microseconds and not less than the bucket before. A span that came twice counts once; where there
-- are `many`, only once the two rows have been merged, for telling them apart is most of the work then.
-- Receive spans count only where the service has no spans of its own around its handlers.
WITH
    toInt64({interval_s:UInt64}) * 1000000000 AS interval_ns,
    (SELECT count() FROM spans WHERE service = {service:String} AND role = 'process') = 0 AS receives,
    known AS
    (
        SELECT role, operation, failed, started, ended
        FROM spans
        WHERE {many:Bool} AND service = {service:String} AND role IN ('process', 'serve', 'receive')
            AND started >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')
            AND started <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
            AND (role != 'receive' OR receives)
        UNION ALL
        SELECT any(s.role) AS role, any(s.operation) AS operation, any(s.failed) AS failed, min(s.started) AS started,
            max(s.ended) AS ended
        FROM spans AS s
        WHERE NOT {many:Bool} AND s.service = {service:String} AND s.role IN ('process', 'serve', 'receive')
            AND s.started >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')
            AND s.started <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
            AND (s.role != 'receive' OR receives)
        GROUP BY s.TraceId, s.SpanId
    ),
    work AS
    (
        SELECT *, (toUnixTimestamp64Nano(ended) - toUnixTimestamp64Nano(started)) / 1e9 AS took FROM known
    )
SELECT
    multiIf(grouping(operation) = 0, 'step', grouping(t) = 0, 'interval', grouping(bucket) = 0, 'bucket', 'all') AS by,
    role, operation, intDiv(toUnixTimestamp64Nano(started), interval_ns) * {interval_s:UInt64} AS t,
    toInt32(ceil(2 * log2(greatest(took, 1e-6) * 1e6) + 1e-9)) AS bucket,
    count() AS runs, countIf(failed) AS errors, quantiles(0.5, 0.95, 0.99)(took) AS took_s, max(work.ended) AS last
FROM work
GROUP BY GROUPING SETS ((role, operation), (t), (bucket), ())
ORDER BY by, role, operation, t, bucket
