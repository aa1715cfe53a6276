-- Traces without keys among those that got spans, or whose neighbours changed: the orders of the traces
-- that they link to or are linked from, nearest first. A span that links to one order only belongs to that
-- one; a batch's span that links to many is shared by all. Run before correlate, where there are links.
INSERT INTO inherited
WITH
    touched AS
    (
        SELECT TraceId FROM arrivals
        WHERE stored_at > fromUnixTimestamp64Nano({after:Int64}, 'UTC')
            AND stored_at <= fromUnixTimestamp64Nano({through:Int64}, 'UTC')
            AND {neighbours_of:UInt64} = 0
        UNION DISTINCT
        SELECT TraceId FROM
        (
            SELECT arrayJoin(s.link_traces) AS TraceId FROM spans AS s
            WHERE s.TraceId IN (SELECT TraceId FROM traces WHERE version = {neighbours_of:UInt64} AND changed)
            UNION ALL
            SELECT TraceId FROM span_links
            WHERE linked_trace IN (SELECT TraceId FROM traces WHERE version = {neighbours_of:UInt64} AND changed)
        )
        WHERE {neighbours_of:UInt64} != 0
            AND TraceId IN (SELECT TraceId FROM traces FINAL WHERE depth > 0)
    ),
    keyless AS MATERIALIZED
    (
        SELECT TraceId FROM spans FINAL WHERE TraceId IN (touched)
        GROUP BY TraceId HAVING max(notEmpty(orders)) = 0
    ),
    link AS MATERIALIZED
    (
        SELECT DISTINCT TraceId, SpanId, links.1 AS other, links.2 AS other_span
        FROM spans
        ARRAY JOIN arrayZip(link_traces, link_spans) AS links
        WHERE TraceId IN (SELECT TraceId FROM keyless) AND notEmpty(link_traces) AND links.1 != TraceId
        UNION ALL
        SELECT DISTINCT l.linked_trace AS TraceId, '' AS SpanId, l.TraceId AS other, '' AS other_span
        FROM span_links AS l WHERE l.linked_trace IN (SELECT TraceId FROM keyless) AND l.TraceId != l.linked_trace
    ),
    reached AS MATERIALIZED
    (
        SELECT link.TraceId AS TraceId, link.SpanId AS SpanId, neighbour.depth AS depth,
            if(of_span.SpanId != '' AND of_span.belongs > 0, [neighbour.orders[of_span.belongs]], neighbour.orders) AS orders
        FROM link
        INNER JOIN
        (
            SELECT TraceId AS other, orders, depth FROM traces FINAL
            WHERE depth < 250 AND TraceId IN (SELECT other FROM link)
        ) AS neighbour ON neighbour.other = link.other
        LEFT JOIN
        (
            -- the order of one span, where a trace has several
            SELECT TraceId AS other, detail.1 AS SpanId, detail.2 AS belongs FROM traces FINAL
            ARRAY JOIN arrayZip(detail_ids, detail_belongs) AS detail
            WHERE TraceId IN (SELECT other FROM link)
        ) AS of_span ON of_span.other = link.other AND of_span.SpanId = link.other_span
    )
SELECT TraceId, '' AS SpanId, arraySort(arrayDistinct(arrayFlatten(groupArray(orders)))) AS orders, any(depth) AS nearest, {version:UInt64} AS version
FROM reached
WHERE (TraceId, depth) IN (SELECT TraceId, min(depth) FROM reached GROUP BY TraceId)
GROUP BY TraceId
UNION ALL
SELECT TraceId, SpanId, groupUniqArrayArray(orders) AS orders, min(depth) AS nearest, {version:UInt64} AS version
FROM reached
WHERE SpanId != ''
GROUP BY TraceId, SpanId
HAVING length(orders) = 1
SETTINGS enable_materialized_cte = 1;
