-- Attributes that may hold the id of an order, from the traces that came last and belong to none: their
-- names end like an id's, their values are many, and the same value comes in several traces or services. `fan`: how many values of the
-- best one a value of this goes with, where both are in one trace: a customer's id goes with many orders.
-- One row an attribute, the best first: in many services, on many of the spans that send or take messages,
-- with many values. Read by the doctor.
WITH
    latest AS (SELECT TraceId FROM arrivals ORDER BY stored_at DESC LIMIT 10000),
    chosen AS MATERIALIZED (SELECT DISTINCT TraceId FROM latest ORDER BY cityHash64(TraceId) LIMIT {traces:UInt32}),
    keyless AS MATERIALIZED (SELECT TraceId FROM traces FINAL WHERE TraceId IN (chosen) AND depth = 255),
    span AS MATERIALIZED
    (
        SELECT TraceId, SpanId, ServiceName AS service,
            SpanKind IN ('Producer', 'Consumer') OR mapContains(SpanAttributes, 'messaging.system') AS messaging,
            arrayFilter(a -> match(a.1, '(?i)([._-]|^)(id|uuid|number|no|ref|reference)$|[a-z](Id|ID|Uuid|Number|Ref)$|message[._]key$')
                    AND NOT match(a.1, '^(messaging\\.(message|client|consumer|batch|.*conversation)|service\\.|host\\.|k8s\\.|container\\.|cloud\\.|aws\\.|thread\\.|process\\.|network\\.|net\\.|db\\.|rpc\\.|telemetry\\.|faas\\.|peer\\.|client\\.|server\\.|http\\.|url\\.|otel\\.|span|trace|code\\.)')
                    AND notEmpty(trimBoth(a.2)) AND length(a.2) <= 200,
                CAST(SpanAttributes, 'Array(Tuple(String, String))')) AS ids
        FROM otel_traces
        WHERE TraceId IN (keyless)
        LIMIT {spans:UInt32}
    ),
    held AS MATERIALIZED
    (
        SELECT TraceId, SpanId, service, messaging, id.1 AS key, id.2 AS value FROM span ARRAY JOIN ids AS id
    ),
    valued AS
    (
        SELECT key, value, uniqExact(TraceId) AS traces, uniqExact(service) AS services FROM held GROUP BY key, value
    ),
    counted AS MATERIALIZED
    (
        SELECT spans.key AS key, spans.services AS services, spans.spans AS spans, spans.traces AS traces, spans.messages AS messages,
            distinct_values.n AS values, distinct_values.recurring AS recurring,
            spans.messages / greatest(1, (SELECT uniqExact(TraceId, SpanId) FROM span WHERE messaging)) AS share
        FROM
        (
            SELECT key, arraySort(groupUniqArray(service)) AS services, uniqExact(TraceId, SpanId) AS spans,
                uniqExact(TraceId) AS traces, uniqExactIf(TraceId, SpanId, messaging) AS messages
            FROM held GROUP BY key
        ) AS spans
        INNER JOIN
        (
            SELECT key, count() AS n, countIf(traces > 1 OR services > 1) AS recurring FROM valued GROUP BY key
        ) AS distinct_values ON distinct_values.key = spans.key
        WHERE n >= 3 AND n >= 0.02 * traces AND recurring >= 0.3 * n AND (share >= 0.3 OR length(services) >= 2)
    ),
    best AS
    (
        SELECT key FROM counted ORDER BY length(services) DESC, round(share, 1) DESC, values DESC, key LIMIT 1
    ),
    fans AS
    (
        SELECT key, avg(n) AS fan
        FROM
        (
            SELECT held.key AS key, held.value AS value, uniqExact(other.value) AS n
            FROM held
            INNER JOIN (SELECT DISTINCT TraceId, value FROM held WHERE key IN (best)) AS other ON other.TraceId = held.TraceId
            WHERE held.key IN (SELECT key FROM counted)
            GROUP BY held.key, held.value
        )
        GROUP BY key
    )
SELECT counted.key AS key, counted.services AS services, toInt64(counted.spans) AS spans, toInt64(counted.traces) AS traces,
    toInt64(counted.values) AS values, toInt64(counted.recurring) AS recurring, counted.share AS share, fans.fan AS fan,
    counted.key NOT IN (best) AND fans.fan > 1.05 AS hub
FROM counted
LEFT JOIN fans ON fans.key = counted.key
ORDER BY hub, length(services) DESC, round(share, 1) DESC, values DESC, key
LIMIT 20
SETTINGS enable_materialized_cte = 1;
