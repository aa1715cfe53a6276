-- What the attributes of a sample of recent traces lack, service by service: the same traces as in
-- doctor_spans.sql. `old`: names that the conventions have given up, with how many spans have them.
WITH
    latest AS (SELECT TraceId FROM arrivals ORDER BY stored_at DESC LIMIT 10000),
    chosen AS MATERIALIZED (SELECT DISTINCT TraceId FROM latest ORDER BY cityHash64(TraceId) LIMIT 150)
SELECT
    ServiceName AS service,
    count() AS spans,
    max(ResourceAttributes['telemetry.sdk.language']) AS language,
    countIf(ResourceAttributes['service.version'] = '') AS versionless,
    countIf(ResourceAttributes['service.instance.id'] = '' AND ResourceAttributes['host.name'] = '') AS instanceless,
    countIf(startsWith(ServiceName, 'unknown_service')) AS nameless,
    groupArray(3)(TraceId) AS examples,
    sumMap(old, arrayMap(n -> toUInt64(1), old)) AS old_names,
    groupArrayIf(3)(TraceId, notEmpty(old)) AS old_in
FROM
(
    SELECT *, arrayIntersect(CAST(mapKeys(SpanAttributes), 'Array(String)'), [
        'messaging.destination', 'messaging.message_id', 'messaging.conversation_id', 'messaging.kafka.partition',
        'messaging.operation', 'messaging.url', 'messaging.destination_publish.name', 'http.method', 'http.url', 'http.target',
        'http.status_code', 'db.system', 'db.statement', 'db.name', 'net.peer.name']) AS old
    FROM otel_traces
    WHERE TraceId IN (chosen)
    LIMIT 20000
)
GROUP BY service
ORDER BY service
SETTINGS enable_materialized_cte = 1
