-- What attributes the orders of a sample had, and how many of each half: a row a step, attribute and value.
-- At the place where they parted all attributes of the span and its resource count, at other steps only
-- those that say who did it. Attribute '' stands for all orders that took the step. Values that few of
-- the orders held share say nothing and are left out, but for versions, whose first span is wanted.
WITH
    taken AS
    (
        SELECT order_id, has({held:Array(String)}, order_id) AS held, s.1 AS step, s.2 AS TraceId, s.3 AS SpanId
        FROM order_facts FINAL
        ARRAY JOIN arrayZip(`steps.step`, `steps.TraceId`, `steps.SpanId`) AS s
        WHERE workflow = {workflow:String}
            AND (order_id IN {held:Array(String)} OR order_id IN {passed:Array(String)})
            AND s.1 IN {steps:Array(String)}
    )
SELECT step, any(service) AS service, a.1 AS attribute, left(a.2, 200) AS value,
    uniqExactIf(order_id, held) AS held_orders, uniqExactIf(order_id, NOT held) AS passed_orders,
    toUnixTimestamp64Nano(min(at)) AS first_ns
FROM
(
    SELECT t.order_id AS order_id, t.held AS held, t.step AS step, s.ServiceName AS service, s.Timestamp AS at,
        arrayConcat(
            [('', '')],
            if(t.step = {place:String},
                arrayConcat(CAST(s.ResourceAttributes, 'Array(Tuple(String, String))'), CAST(s.SpanAttributes, 'Array(Tuple(String, String))')),
                arrayFilter(a -> a.2 != '', arrayMap(k -> (k, if(s.ResourceAttributes[k] = '', s.SpanAttributes[k], s.ResourceAttributes[k])),
                    {identity:Array(String)})))) AS attributes
    FROM otel_traces AS s
    INNER JOIN taken AS t ON t.TraceId = s.TraceId AND t.SpanId = s.SpanId
    WHERE s.TraceId IN (SELECT TraceId FROM taken)
)
ARRAY JOIN arrayDistinct(attributes) AS a
GROUP BY step, attribute, value
HAVING held_orders >= {least:UInt64} OR attribute IN ('', 'service.version')
ORDER BY step, attribute, value
