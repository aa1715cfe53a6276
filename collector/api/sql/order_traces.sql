-- The traces of one order.
SELECT TraceId AS trace_id, started, ended, span_count, services
FROM traces FINAL
WHERE TraceId IN (SELECT TraceId FROM order_traces WHERE workflow = {workflow:String} AND order_id = {id:String})
    AND has(orders, ({workflow:String}, {id:String}))
ORDER BY started, TraceId
