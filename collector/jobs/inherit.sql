-- Traces without keys among those that got spans, or whose neighbours changed: the orders of the traces
-- that they link to or are linked from, nearest first. A span that links to one order only belongs to that
-- one; a batch's span that links to many is shared by all. Run before correlate, where there are links.
--
-- Links point to what led here: a trace got its orders onward if every step from the key to it follows
-- links in that direction. Where one of the links does, no orders come against it but from a trace with a
-- key of its own (else a batch would give its orders to each of the traces it took them from); and each
-- message of a batch counts, however far away its order's key is.
--
-- Every trace and span is written anew as a whole, also with no orders: what was known of it before, from
-- only a part of its links, must not stay.
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
        SELECT link.TraceId AS TraceId, link.SpanId AS SpanId,
            link.SpanId != '' AND notEmpty(neighbour.orders) AND neighbour.depth < 100 AS onward,
            neighbour.depth % 100 AS links_away,
            if(of_span.SpanId != '' AND of_span.belongs > 0, [neighbour.orders[of_span.belongs]], neighbour.orders) AS orders
        FROM link
        LEFT JOIN
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
    ),
    chosen AS MATERIALIZED
    (
        SELECT TraceId, SpanId, toUInt8(least_away + if(any_onward, 0, 100)) AS away,
            if(counts AND (links_away = least_away OR (onward AND length(orders) = 1)), orders, []) AS given
        FROM
        (
            SELECT *, minIf(links_away, counts) OVER (PARTITION BY TraceId) AS least_away
            FROM
            (
                SELECT *, notEmpty(orders) AND (onward OR NOT any_onward OR (SpanId = '' AND links_away = 0)) AS counts
                FROM (SELECT *, max(onward) OVER (PARTITION BY TraceId) AS any_onward FROM reached)
            )
        )
    )
SELECT TraceId, '' AS SpanId, arraySort(groupUniqArrayArray(given)) AS orders, any(away) AS nearest, {version:UInt64} AS version
FROM chosen
GROUP BY TraceId
UNION ALL
SELECT TraceId, SpanId, if(length(groupUniqArrayArray(given) AS together) = 1, together, []) AS orders, any(away) AS nearest, {version:UInt64} AS version
FROM chosen
WHERE SpanId != ''
GROUP BY TraceId, SpanId
SETTINGS enable_materialized_cte = 1;
