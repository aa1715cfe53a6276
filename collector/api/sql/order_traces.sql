-- The traces of one order, and every attempt at every messaging step in them.
SELECT TraceId AS trace_id, started, ended, span_count, services,
    arrayFilter(s -> s.3 IN ('send', 'process', 'receive') AND s.9 IN (0, indexOf(orders, ({workflow:String}, {id:String}))),
        arrayZip(`steps.SpanId`, `steps.service`, `steps.role`, `steps.destination`, `steps.started`, `steps.ended`,
            `steps.failed`, `steps.message_id`, `steps.belongs`)) AS messaging
FROM traces FINAL
WHERE TraceId IN (SELECT TraceId FROM order_traces WHERE workflow = {workflow:String} AND order_id = {id:String})
    AND has(orders, ({workflow:String}, {id:String}))
ORDER BY started, TraceId
