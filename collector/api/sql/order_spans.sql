-- The spans of one order by start, or the one of an id; `total` counts them all. Without {detail} what is
-- heavy stays empty. `others`: spans of a trace that orders share which are another's.
SELECT
    TraceId AS trace_id, SpanId AS span_id, ParentSpanId AS parent_span_id, ServiceName AS service,
    SpanName AS name, SpanKind AS kind, toUnixTimestamp64Nano(Timestamp) AS started_ns, Duration AS duration_ns,
    StatusCode AS status, StatusMessage AS status_message,
    if({detail:Bool}, SpanAttributes, CAST(map(), 'Map(LowCardinality(String), String)')) AS attributes,
    if({detail:Bool}, ResourceAttributes, CAST(map(), 'Map(LowCardinality(String), String)')) AS resource,
    if({detail:Bool}, arrayZip(`Events.Timestamp`, `Events.Name`, `Events.Attributes`), []) AS events,
    if({detail:Bool}, arrayZip(`Links.TraceId`, `Links.SpanId`, `Links.Attributes`), []) AS links,
    count() OVER () AS total
FROM
(
    SELECT * FROM otel_traces
    WHERE TraceId IN {traces:Array(String)} AND ({span:String} = '' OR SpanId = {span:String})
        AND concat(TraceId, SpanId) NOT IN {others:Array(String)}
    ORDER BY stored_at LIMIT 1 BY TraceId, SpanId
)
ORDER BY started_ns, span_id
LIMIT {limit:UInt64}
SETTINGS max_threads = 1
