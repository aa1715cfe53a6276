-- Who has sent spans since the last tick, and how late they usually come.
INSERT INTO services (service, namespace, first_seen, last_seen, first_live, last_live, lag, spans, errors, versions)
SELECT
    ServiceName AS service,
    max(ResourceAttributes['service.namespace']) AS namespace,
    min(seen_at) AS first_seen,
    max(seen_at) AS last_seen,
    min(if(seen_at = stored_at, seen_at, toDateTime64('2262-01-01 00:00:00', 9, 'UTC'))) AS first_live,
    maxIf(seen_at, seen_at = stored_at) AS last_live,
    avgStateIf(lag_s, seen_at = stored_at AND lag_s BETWEEN 0 AND 120) AS lag,
    uniqCombined64State(TraceId, SpanId) AS spans,
    uniqCombined64StateIf(TraceId, SpanId, StatusCode = 'Error') AS errors,
    groupUniqArray(32)(ResourceAttributes['service.version']) AS versions
FROM
(
    SELECT *, (toUnixTimestamp64Nano(stored_at) - toUnixTimestamp64Nano(Timestamp) - Duration) / 1e9 AS lag_s
    FROM otel_traces
    WHERE stored_at > fromUnixTimestamp64Nano({after:Int64}, 'UTC') AND stored_at <= fromUnixTimestamp64Nano({through:Int64}, 'UTC')
)
GROUP BY service;
