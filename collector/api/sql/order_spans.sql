-- The spans of one order by start, or the one of an id; `total` counts them all. Without {detail} what is
-- heavy stays empty.
WITH
    mine AS
    (
        SELECT TraceId, detail_ids, detail_belongs,
            indexOf(orders, ({workflow:String}, {id:String})) AS place,
            CAST((`steps.SpanId`, arrayMap((s, r, o) -> concat(s, ' ', r, ' ', o), `steps.service`, `steps.role`, `steps.operation`)),
                'Map(String, String)') AS step_of,
            CAST((`steps.SpanId`, `steps.role`), 'Map(String, String)') AS role_of
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
    if(mine.role_of[t.SpanId] = 'database', '', mine.step_of[t.SpanId]) AS step,
    notEmpty(mine.detail_ids) AND mine.detail_belongs[indexOf(mine.detail_ids, t.SpanId)] = 0 AS shared,
    count() OVER () AS total
FROM
(
    SELECT * FROM otel_traces
    WHERE TraceId IN (SELECT TraceId FROM mine) AND ({span:String} = '' OR SpanId = {span:String})
    ORDER BY stored_at LIMIT 1 BY TraceId, SpanId
) AS t
INNER JOIN mine ON mine.TraceId = t.TraceId
WHERE empty(mine.detail_ids) OR mine.detail_belongs[indexOf(mine.detail_ids, t.SpanId)] IN (0, mine.place)
ORDER BY started_ns, span_id
LIMIT {limit:UInt64}
