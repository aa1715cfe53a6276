-- What attributes the orders of a sample had, and how many of each half: a row a step, attribute and value.
-- At the place where they parted all attributes of the span and its resource count, at other steps only
-- those that say who did it (`instance`: of the service, or its host). The wide table is read for the first `wide` orders of each half only: what
-- that costs grows with the orders, wherever they lie. Attribute '' stands for all orders that took the
-- step, '*' for those whose attributes were all read. Values that few of the orders held share say nothing
-- and are left out, but for versions, whose first span is wanted.
WITH
    taken AS MATERIALIZED
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
    SELECT t.order_id AS order_id, t.held AS held, t.step AS step, s.service AS service, s.started AS at,
        arrayFilter(a -> a.1 = '' OR a.2 != '', [
            ('', ''),
            ('service.version', toString(s.service_version)),
            ('instance', toString(s.instance)),
            ('messaging.destination.partition.id', toString(s.message_partition))]) AS attributes
    FROM (SELECT * FROM spans WHERE TraceId IN (SELECT TraceId FROM taken)) AS s
    INNER JOIN taken AS t ON t.TraceId = s.TraceId AND t.SpanId = s.SpanId
    UNION ALL
    SELECT t.order_id, t.held, t.step, s.ServiceName, s.Timestamp,
        arrayFilter(
            a -> a.1 NOT IN ('service.version', 'messaging.destination.partition.id'),
            arrayConcat([('*', '')], CAST(s.ResourceAttributes, 'Array(Tuple(String, String))'), CAST(s.SpanAttributes, 'Array(Tuple(String, String))')))
    FROM
    (
        SELECT TraceId, SpanId, ServiceName, Timestamp, ResourceAttributes, SpanAttributes FROM otel_traces
        WHERE (TraceId, SpanId) IN
        (
            SELECT TraceId, SpanId FROM taken
            WHERE step = {place:String}
                AND has(arrayConcat(arraySlice({held:Array(String)}, 1, {wide:UInt64}), arraySlice({passed:Array(String)}, 1, {wide:UInt64})), order_id)
        )
    ) AS s
    INNER JOIN taken AS t ON t.TraceId = s.TraceId AND t.SpanId = s.SpanId
    WHERE t.step = {place:String}
)
ARRAY JOIN arrayDistinct(attributes) AS a
GROUP BY step, attribute, value
HAVING held_orders >= {least:UInt64} OR attribute IN ('', '*', 'service.version')
ORDER BY step, attribute, value
SETTINGS enable_materialized_cte = 1
