-- What the latest traces say of the services' clocks, a row a bound: the clock of `target` is at most
-- `most_ns` further ahead than that of `source`. A request arrives after it was made and its answer after
-- it was given (two bounds a call), a message is taken after its sending began (one bound), and we get a
-- span after it ended (one bound, from spans that came live; our own clock is that of the service '').
-- Not the least delay that was seen but the 0.1 % quantile: single odd spans say nothing.
-- Left out: failed calls (a caller that gives up ends before the callee) and callees that took longer
-- than their callers (then it was no call). A receive span may have polled since before the message.
WITH
    latest AS MATERIALIZED
    (
        SELECT TraceId FROM (SELECT TraceId, stored_at FROM arrivals ORDER BY stored_at DESC LIMIT {traces:UInt64} * 4)
        LIMIT 1 BY TraceId
        LIMIT {traces:UInt64}
    ),
    looked_at AS MATERIALIZED
    (
        SELECT TraceId, SpanId, ParentSpanId, service, role, destination, failed, link_traces, link_spans,
            toUnixTimestamp64Nano(started) AS started, toUnixTimestamp64Nano(ended) AS ended,
            toUnixTimestamp64Nano(seen_at) AS seen, seen_at = stored_at AS live, instance
        FROM spans FINAL
        WHERE TraceId IN (latest) AND (role != '' OR ParentSpanId = '')
    ),
    led AS
    (
        -- parent first, else link
        SELECT *, ParentSpanId AS cause_span, TraceId AS cause_trace FROM looked_at WHERE ParentSpanId != ''
        UNION ALL
        SELECT *, link_spans[1] AS cause_span, link_traces[1] AS cause_trace FROM looked_at
        WHERE notEmpty(link_spans) AND role IN ('process', 'receive')
    )
SELECT one.1 AS source, one.2 AS source_instance, other.1 AS target, other.2 AS target_instance,
    toInt64(quantileExactLow(0.001)(delay)) AS most_ns, count() AS pairs
FROM
(
    SELECT arrayJoin(multiIf(
        a.role = 'call' AND b.role = 'serve' AND a.failed = 0 AND b.failed = 0 AND b.ended - b.started <= a.ended - a.started,
            [((a.service, a.instance), (b.service, b.instance), b.started - a.started),
             ((b.service, b.instance), (a.service, a.instance), a.ended - b.ended)],
        a.role IN ('send', 'create') AND b.role = 'process' AND a.destination = b.destination,
            [((a.service, a.instance), (b.service, b.instance), b.started - a.started)],
        a.role IN ('send', 'create') AND b.role = 'receive' AND a.destination = b.destination,
            [((a.service, a.instance), (b.service, b.instance), b.ended - a.started)],
        [])) AS bound, bound.1 AS one, bound.2 AS other, bound.3 AS delay
    FROM led AS b
    INNER JOIN looked_at AS a ON a.TraceId = b.cause_trace AND a.SpanId = b.cause_span
    UNION ALL
    SELECT ((service, instance), ('', ''), seen - ended) AS bound, bound.1, bound.2, bound.3
    FROM looked_at WHERE live
)
WHERE one != other
GROUP BY one, other
HAVING pairs >= {least:UInt64}
ORDER BY pairs DESC, one, other
LIMIT 5000
SETTINGS enable_materialized_cte = 1
