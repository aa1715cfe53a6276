-- The spans of the traces of some orders of a workflow, by start; times in nanoseconds as the services
-- told them.
SELECT
    TraceId AS trace_id, SpanId AS span_id, ParentSpanId AS parent_span_id, service, instance, role, operation,
    destination, peer, message_id, failed,
    toUnixTimestamp64Nano(started) AS started_ns, toUnixTimestamp64Nano(ended) AS ended_ns
FROM spans FINAL
WHERE TraceId IN (SELECT TraceId FROM order_traces WHERE workflow = {workflow:String} AND order_id IN {ids:Array(String)})
ORDER BY started, SpanId
LIMIT {limit:UInt64}
