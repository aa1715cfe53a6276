-- The spans of one order by start, or the one of an id; `total` counts them all. Without {detail} what is
-- heavy stays empty. What is known of single spans is joined: looking it up in arrays takes the square of
-- an order's spans.
WITH
    mine AS
    (
        SELECT TraceId, detail_ids, detail_belongs, indexOf(orders, ({workflow:String}, {id:String})) AS place,
            arrayZip(`steps.SpanId`, `steps.service`, `steps.role`, `steps.operation`) AS steps
        FROM traces FINAL
        WHERE TraceId IN (SELECT TraceId FROM order_traces WHERE workflow = {workflow:String} AND order_id = {id:String})
            AND has(orders, ({workflow:String}, {id:String}))
    )
SELECT
    t.TraceId AS trace_id, t.SpanId AS span_id, t.ParentSpanId AS parent_span_id, t.ServiceName AS service,
    t.SpanName AS name, t.SpanKind AS kind, toUnixTimestamp64Nano(t.Timestamp) AS started_ns, t.Duration AS duration_ns,
    t.StatusCode AS status, t.StatusMessage AS status_message,
    if({detail:Bool}, t.SpanAttributes, CAST(map(), 'Map(LowCardinality(String), String)')) AS attributes,
    if({detail:Bool}, t.ResourceAttributes, CAST(map(), 'Map(LowCardinality(String), String)')) AS resource,
    if({detail:Bool}, arrayZip(t.`Events.Timestamp`, t.`Events.Name`, t.`Events.Attributes`), []) AS events,
    if({detail:Bool}, arrayZip(t.`Links.TraceId`, t.`Links.SpanId`, t.`Links.Attributes`), []) AS links,
    named.step AS step,
    NOT whole.alone AND owned.belongs = 0 AS shared,
    count() OVER () AS total
FROM
(
    SELECT * FROM otel_traces
    WHERE TraceId IN (SELECT TraceId FROM mine) AND ({span:String} = '' OR SpanId = {span:String})
    ORDER BY stored_at LIMIT 1 BY TraceId, SpanId
) AS t
INNER JOIN (SELECT TraceId, place, empty(detail_ids) AS alone FROM mine) AS whole ON whole.TraceId = t.TraceId
LEFT JOIN
(
    SELECT TraceId, d.1 AS SpanId, any(d.2) AS belongs
    FROM mine ARRAY JOIN arrayZip(detail_ids, detail_belongs) AS d
    GROUP BY TraceId, SpanId
) AS owned ON owned.TraceId = t.TraceId AND owned.SpanId = t.SpanId
LEFT JOIN
(
    SELECT TraceId, s.1 AS SpanId, any(concat(s.2, ' ', s.3, ' ', s.4)) AS step
    FROM mine ARRAY JOIN steps AS s
    WHERE s.3 != 'database'
    GROUP BY TraceId, SpanId
) AS named ON named.TraceId = t.TraceId AND named.SpanId = t.SpanId
WHERE whole.alone OR owned.belongs IN (0, whole.place)
ORDER BY started_ns, span_id
LIMIT {limit:UInt64}
