-- Attributes that look like an order's id, from recent traces that belong to no order: their values come
-- again in several services and differ from trace to trace.
WITH
    latest AS (SELECT TraceId FROM arrivals ORDER BY stored_at DESC LIMIT 10000),
    chosen AS MATERIALIZED (SELECT DISTINCT TraceId FROM latest ORDER BY cityHash64(TraceId) LIMIT 150),
    found AS
    (
        SELECT a.1 AS key, a.2 AS value, ServiceName AS service, TraceId
        FROM otel_traces
        ARRAY JOIN arrayFilter(
            a -> a.2 != '' AND match(a.1, '(?i)(^|[._-])(id|uuid|number|no|ref)$|[a-z](Id|ID|Number|Ref)$')
                AND NOT match(a.1, '^(messaging|thread|process|service|telemetry|net|network|server|client|http|url|host|container|k8s|db|rpc|faas|code|cloud|os|user_agent|session|enduser)\\.'),
            arrayZip(CAST(mapKeys(SpanAttributes), 'Array(String)'), mapValues(SpanAttributes))) AS a
        WHERE TraceId IN (chosen) AND TraceId IN (SELECT TraceId FROM traces FINAL WHERE TraceId IN (chosen) AND depth = 255)
        LIMIT 100000
    )
SELECT key, uniqExact(service) AS services, uniqExact(value) AS values, uniqExact(TraceId) AS traces, count() AS spans
FROM found
GROUP BY key
HAVING values >= 3 AND values * 2 >= traces / greatest(1, services)
ORDER BY services DESC, traces DESC, key
LIMIT 3
SETTINGS enable_materialized_cte = 1
