-- What the spans of one order say of messages: links, and attributes of both by the names of messaging.
SELECT TraceId AS trace_id, SpanId AS span_id, `Links.SpanId` AS links,
    mapFilter((k, v) -> startsWith(k, 'messaging.'), SpanAttributes) AS attributes,
    arrayMap(a -> mapFilter((k, v) -> startsWith(k, 'messaging.'), a), `Links.Attributes`) AS link_attributes
FROM otel_traces
WHERE TraceId IN {traces:Array(String)}
    AND (notEmpty(links) OR notEmpty(attributes))
ORDER BY stored_at LIMIT 1 BY TraceId, SpanId
SETTINGS max_threads = 1
