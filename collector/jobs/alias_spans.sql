-- Spans that have only further ids of an order, written anew with the orders that those stand for, where
-- that changed: in traces that got spans, and in those of ids that changed since version `since`.
INSERT INTO spans (
    TraceId, SpanId, ParentSpanId, service, service_version, instance, kind, role, operation, destination, peer, started, ended, seen_at, stored_at,
    failed, error, sampled, orders, keys, message_id, message_partition, message_offset, conversation_id, link_traces, link_spans, keyed_at)
WITH
    changed AS (SELECT workflow, key, value FROM aliases WHERE version >= {since:UInt64}),
    span AS
    (
        SELECT * FROM spans FINAL
        WHERE notEmpty(keys) AND TraceId IN
        (
            SELECT TraceId FROM arrivals
            WHERE stored_at > fromUnixTimestamp64Nano({after:Int64}, 'UTC')
                AND stored_at <= fromUnixTimestamp64Nano({through:Int64}, 'UTC')
            UNION ALL
            SELECT TraceId FROM span_keys WHERE (workflow, key, value) IN (changed)
        )
    ),
    meant AS
    (
        SELECT TraceId, SpanId, arraySort(groupUniqArray((lacking.workflow, o))) AS further
        FROM
        (
            -- workflows of which the span has no id of the order's own
            SELECT TraceId, SpanId, k.1 AS workflow, k.2 AS key, k.3 AS value
            FROM span ARRAY JOIN keys AS k
            WHERE NOT arrayExists(other -> other.1 = k.1 AND other.2 = '', keys)
        ) AS lacking
        INNER JOIN (SELECT workflow, key, value, orders FROM aliases FINAL) AS known
            ON known.workflow = lacking.workflow AND known.key = lacking.key AND known.value = lacking.value
        ARRAY JOIN known.orders AS o
        GROUP BY TraceId, SpanId
    )
SELECT
    TraceId, SpanId, ParentSpanId, service, service_version, instance, kind, role, operation, destination, peer, started, ended, seen_at, stored_at,
    failed, error, sampled, given AS orders, keys, message_id, message_partition, message_offset, conversation_id, link_traces, link_spans, {version:UInt64} AS keyed_at
FROM
(
    SELECT span.*, CAST(arraySort(arrayConcat(
            -- orders that it has by ids of their own
            arrayFilter(o -> NOT arrayExists(k -> k.1 = o.1, span.keys) OR arrayExists(k -> k.1 = o.1 AND k.2 = '', span.keys), span.orders),
            meant.further)), 'Array(Tuple(workflow LowCardinality(String), order_id String))') AS given,
        arraySort(span.orders) AS held
    FROM span
    LEFT JOIN meant ON meant.TraceId = span.TraceId AND meant.SpanId = span.SpanId
)
WHERE given != held;
