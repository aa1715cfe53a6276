-- The spans of some orders of a workflow, what led to each, and whose clock it was; by start, the first
-- `limit` of each order. Times are nanoseconds as the services told them.
WITH
    mine AS
    (
        SELECT TraceId, o.2 AS order_id, place, empty(detail_ids) AS whole, detail_ids, detail_belongs,
            `steps.SpanId`, `steps.role`, `steps.cause_trace`, `steps.cause_span`
        FROM traces FINAL
        ARRAY JOIN orders AS o, arrayEnumerate(orders) AS place
        WHERE TraceId IN (SELECT TraceId FROM order_traces WHERE workflow = {workflow:String} AND order_id IN {ids:Array(String)})
            AND o.1 = {workflow:String} AND o.2 IN {ids:Array(String)}
    )
SELECT
    m.order_id AS order_id, s.TraceId AS trace_id, s.SpanId AS span_id, s.ParentSpanId AS parent_span_id,
    s.service AS service, if(step.role = '', s.role, step.role) AS role, s.operation AS operation,
    s.destination AS destination, s.peer AS peer, s.message_id AS message_id, s.failed AS failed,
    toUnixTimestamp64Nano(s.started) AS started_ns, toUnixTimestamp64Nano(s.ended) AS ended_ns,
    step.cause_trace AS cause_trace, step.cause_span AS cause_span,
    s.instance AS instance
FROM (SELECT * FROM spans FINAL WHERE TraceId IN (SELECT TraceId FROM mine)) AS s
INNER JOIN (SELECT TraceId, order_id, whole FROM mine) AS m ON m.TraceId = s.TraceId
LEFT JOIN
(
    SELECT TraceId, order_id, d.1 AS SpanId FROM mine
    ARRAY JOIN arrayZip(detail_ids, detail_belongs) AS d
    WHERE d.2 IN (0, place)
) AS own ON own.TraceId = s.TraceId AND own.order_id = m.order_id AND own.SpanId = s.SpanId
LEFT JOIN
(
    SELECT DISTINCT TraceId, t.1 AS SpanId, t.2 AS role, t.3 AS cause_trace, t.4 AS cause_span FROM mine
    ARRAY JOIN arrayZip(`steps.SpanId`, `steps.role`, `steps.cause_trace`, `steps.cause_span`) AS t
) AS step ON step.TraceId = s.TraceId AND step.SpanId = s.SpanId
WHERE m.whole OR own.SpanId != ''
ORDER BY order_id, started_ns, span_id
LIMIT {limit:UInt64} BY order_id
