-- The traces of some orders of a workflow, an order and trace a row: what led to each step, and of a trace
-- that it shares with others the spans that are not another's (`whole`: all are its own).
SELECT o.2 AS order_id, TraceId AS trace_id, empty(detail_ids) AS whole,
    arrayFilter((id, belongs) -> belongs IN (0, place), detail_ids, detail_belongs) AS own,
    `steps.SpanId` AS span_ids, `steps.role` AS roles,
    `steps.cause_trace` AS cause_traces, `steps.cause_span` AS cause_spans
FROM traces FINAL
ARRAY JOIN orders AS o, arrayEnumerate(orders) AS place
WHERE TraceId IN (SELECT TraceId FROM order_traces WHERE workflow = {workflow:String} AND order_id IN {ids:Array(String)})
    AND o.1 = {workflow:String} AND o.2 IN {ids:Array(String)}
