-- Flattens OTLP into spans, and decides when each span counts as seen (DESIGN: two clocks).
-- Live: it ended at most 2 minutes before we got it. Late: older, but its service was already being
-- watched when it ended, so it is a straggler and was seen now. Else it is history, seen when it would
-- have come: at its end plus the service's usual lag. Times that make no sense are kept within what
-- DateTime64 can hold, and a duration is never negative: an end of 0 or before the start counts as the
-- start, a start of 0 as the end.
CREATE MATERIALIZED VIEW IF NOT EXISTS otlp_to_otel_traces TO otel_traces AS
WITH
    (value) -> multiIf(
        value.value = 'string_value', value.string_value,
        value.value = 'int_value', toString(value.int_value),
        value.value = 'bool_value', if(value.bool_value, 'true', 'false'),
        value.value = 'double_value', toString(value.double_value),
        value.value = 'none', '',
        base64Encode(concat(value.array_value, value.kvlist_value, value.bytes_value))) AS text,
    (attributes) -> CAST(
        (arrayMap(a -> a.key, attributes), arrayMap(a -> text(a.value), attributes)),
        'Map(LowCardinality(String), String)') AS as_map,
    (nanoseconds) -> fromUnixTimestamp64Nano(
        toInt64(least(nanoseconds, 9223372036854775807)), 'UTC') AS as_time
SELECT
    as_time(start_ns) AS Timestamp,
    lower(hex(span.trace_id)) AS TraceId,
    lower(hex(span.span_id)) AS SpanId,
    if(span.parent_span_id = unhex('0000000000000000'), '', lower(hex(span.parent_span_id))) AS ParentSpanId,
    span.trace_state AS TraceState,
    span.name AS SpanName,
    ['Unspecified', 'Internal', 'Server', 'Client', 'Producer', 'Consumer'][
        if(span.kind BETWEEN 0 AND 5, span.kind + 1, 1)] AS SpanKind,
    service AS ServiceName,
    resource_attributes AS ResourceAttributes,
    scope.scope.name AS ScopeName,
    scope.scope.version AS ScopeVersion,
    as_map(span.attributes) AS SpanAttributes,
    end_ns - start_ns AS Duration,
    ['Unset', 'Ok', 'Error'][if(span.status.code BETWEEN 0 AND 2, span.status.code + 1, 1)] AS StatusCode,
    span.status.message AS StatusMessage,
    arrayMap(e -> as_time(e.time_unix_nano), span.events) AS `Events.Timestamp`,
    arrayMap(e -> e.name, span.events) AS `Events.Name`,
    arrayMap(e -> as_map(e.attributes), span.events) AS `Events.Attributes`,
    arrayMap(l -> lower(hex(l.trace_id)), span.links) AS `Links.TraceId`,
    arrayMap(l -> lower(hex(l.span_id)), span.links) AS `Links.SpanId`,
    arrayMap(l -> l.trace_state, span.links) AS `Links.TraceState`,
    arrayMap(l -> as_map(l.attributes), span.links) AS `Links.Attributes`,
    multiIf(
        end_ns = 0 OR received_at <= end_ns + 120000000000, as_time(received_at),
        watched.service != '' AND watched.first_live <= as_time(end_ns), as_time(received_at),
        as_time(least(received_at, end_ns + toUInt64(if(watched.service = '', 1., watched.lag) * 1e9))))
        AS seen_at,
    as_time(received_at) AS stored_at
FROM
(
    SELECT
        received_at,
        resource_attributes,
        if(resource_attributes['service.name'] = '', 'unknown_service', resource_attributes['service.name'])
            AS service,
        scope,
        arrayJoin(scope.spans) AS span,
        least(span.start_time_unix_nano, 9223372036854775807) AS raw_start,
        least(span.end_time_unix_nano, 9223372036854775807) AS raw_end,
        if(raw_start = 0, raw_end, raw_start) AS start_ns,
        greatest(raw_end, start_ns) AS end_ns
    FROM
    (
        SELECT
            received_at,
            as_map(resource.resource.attributes) AS resource_attributes,
            arrayJoin(resource.scope_spans) AS scope
        FROM (SELECT received_at, arrayJoin(resource_spans) AS resource FROM otlp)
    )
) AS flat
LEFT JOIN
(
    SELECT service, min(first_live) AS first_live, avgMerge(lag) AS lag
    FROM services
    GROUP BY service
    HAVING first_live < '2262-01-01 00:00:00'
) AS watched ON watched.service = flat.service;
