-- The spans of some traces, by start; times in nanoseconds as the services told them.
SELECT
    TraceId AS trace_id, SpanId AS span_id, ParentSpanId AS parent_span_id, service, instance, role, operation,
    destination, peer, message_id, failed,
    toUnixTimestamp64Nano(started) AS started_ns, toUnixTimestamp64Nano(ended) AS ended_ns
FROM spans FINAL
WHERE TraceId IN {traces:Array(String)}
ORDER BY started, SpanId
LIMIT {limit:UInt64}
SETTINGS max_threads = 1
