-- Which further ids were seen with which orders' own ids: on one span, or in a trace of one order alone.
INSERT INTO alias_orders
WITH keyed AS
(
    SELECT TraceId, SpanId, k.1 AS workflow, k.2 AS key, k.3 AS value
    FROM spans ARRAY JOIN keys AS k
    WHERE TraceId IN
    (
        SELECT TraceId FROM arrivals
        WHERE stored_at > fromUnixTimestamp64Nano({after:Int64}, 'UTC')
            AND stored_at <= fromUnixTimestamp64Nano({through:Int64}, 'UTC')
    )
)
SELECT workflow, id.1 AS key, cityHash64(id.2) % 1024 AS bucket, id.2 AS value, own[1] AS order_id
FROM
(
    SELECT workflow, groupUniqArrayIf(value, key = '') AS own, groupUniqArrayIf((key, value), key != '') AS further
    FROM (SELECT TraceId AS context, * FROM keyed UNION ALL SELECT concat(TraceId, SpanId) AS context, * FROM keyed)
    GROUP BY context, workflow
)
ARRAY JOIN further AS id
WHERE length(own) = 1;
