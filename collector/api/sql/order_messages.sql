-- Every attempt at every messaging step of one order, with what tells its message: links with the ids on
-- them, partition, offset, consumer group. Old and present attribute names.
WITH
    (a, names) -> arrayFirst(v -> v != '', arrayMap(n -> a[n], names)) AS first_of,
    mine AS
    (
        SELECT TraceId, s.1 AS SpanId, s.2 AS service, s.3 AS role, s.4 AS destination, s.5 AS started, s.6 AS ended,
            s.7 AS failed, s.8 AS message_id, s.10 AS cause_span
        FROM
        (
            SELECT TraceId, indexOf(orders, ({workflow:String}, {id:String})) AS place,
                arrayZip(`steps.SpanId`, `steps.service`, `steps.role`, `steps.destination`, `steps.started`, `steps.ended`,
                    `steps.failed`, `steps.message_id`, `steps.belongs`, `steps.cause_span`) AS steps
            FROM traces FINAL
            WHERE TraceId IN (SELECT TraceId FROM order_traces WHERE workflow = {workflow:String} AND order_id = {id:String})
                AND has(orders, ({workflow:String}, {id:String}))
        )
        ARRAY JOIN steps AS s
        WHERE s.3 IN ('send', 'process', 'receive') AND s.9 IN (0, place)
    )
SELECT mine.SpanId AS span_id, service, role, destination, started, ended, failed, message_id, cause_span,
    told.links AS links, told.link_ids AS link_ids, told.partition AS partition, told.offset AS offset,
    told.consumer_group AS consumer_group
FROM mine
LEFT JOIN
(
    SELECT TraceId, SpanId, `Links.SpanId` AS links,
        arrayMap(a -> first_of(a, ['messaging.message.id', 'messaging.message_id']), `Links.Attributes`) AS link_ids,
        first_of(SpanAttributes, ['messaging.destination.partition.id', 'messaging.kafka.destination.partition',
            'messaging.kafka.partition']) AS partition,
        first_of(SpanAttributes, ['messaging.kafka.offset', 'messaging.kafka.message.offset']) AS offset,
        first_of(SpanAttributes, ['messaging.consumer.group.name', 'messaging.kafka.consumer.group',
            'messaging.kafka.consumer_group']) AS consumer_group
    FROM otel_traces
    WHERE (TraceId, SpanId) IN (SELECT TraceId, SpanId FROM mine)
    ORDER BY stored_at LIMIT 1 BY TraceId, SpanId
) AS told ON told.TraceId = mine.TraceId AND told.SpanId = mine.SpanId
ORDER BY started, span_id
