-- Traces that got spans, written anew as a whole: which orders they belong to, and what caused each step.
--
-- A span belongs to: its own key's order; else that of its nearest keyed ancestor; else the trace's
-- only order; what belongs to none of several orders alone is shared by all (belongs = 0). A trace
-- without keys takes the orders of the traces it links to or is linked from, nearest first (`depth`
-- counts the links; the runner repeats this job on the neighbours until nothing changes). A trace that
-- reaches no key is a run of its own: workflow `service operation` of its entry, the trace id as order.
-- Parent ids never cross traces.
--
-- Ancestors are found without recursion: each trace is a few arrays ordered by span id, `up` holds the
-- position of the parent (0: none here), and following `up` through itself doubles the distance each
-- time: ten times reach 1,024 levels, and a cycle of parents ends like any other path. (arrayFold, not
-- ten columns: the analyzer copies an alias wherever it is used, and ten levels took it seconds.)
-- `again`: the last run was cut off, perhaps before the neighbours' turn; they are looked at in any case.
INSERT INTO traces
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
            -- traces that a trace whose orders just changed links to, or that link to it
            SELECT arrayJoin(s.link_traces) AS TraceId FROM spans AS s
            WHERE s.TraceId IN (SELECT TraceId FROM traces WHERE version = {neighbours_of:UInt64} AND changed)
            UNION ALL
            SELECT TraceId FROM span_links
            WHERE linked_trace IN (SELECT TraceId FROM traces WHERE version = {neighbours_of:UInt64} AND changed)
        )
        WHERE {neighbours_of:UInt64} != 0
            AND TraceId IN (SELECT TraceId FROM traces FINAL WHERE depth > 0)
    ),
    numbered AS
    (
        SELECT *, row_number() OVER (PARTITION BY TraceId ORDER BY SpanId) AS position
        FROM spans FINAL
        WHERE TraceId IN (touched)
    ),
    keyless AS
    (
        SELECT TraceId FROM numbered GROUP BY TraceId HAVING max(notEmpty(orders)) = 0
    ),
    -- for traces without keys: what their neighbours belong to
    linked AS
    (
        SELECT TraceId, SpanId, orders, depth
        FROM
        (
            SELECT TraceId, SpanId, links.1 AS other, links.2 AS other_span
            FROM numbered
            ARRAY JOIN arrayZip(link_traces, link_spans) AS links
            WHERE TraceId IN (keyless)
            UNION ALL
            SELECT l.linked_trace AS TraceId, '' AS SpanId, l.TraceId AS other, '' AS other_span
            FROM span_links AS l WHERE l.linked_trace IN (keyless)
        ) AS link
        INNER JOIN
        (
            SELECT TraceId AS other,
                -- the order of one span, where a trace has several
                CAST((detail_ids, arrayMap(b -> if(b = 0, orders, [orders[b]]), detail_belongs)),
                    'Map(String, Array(Tuple(workflow String, order_id String)))') AS of_span,
                orders AS of_trace,
                depth
            FROM traces FINAL
            WHERE depth < 250 AND TraceId IN
            (
                SELECT arrayJoin(link_traces) FROM numbered WHERE TraceId IN (keyless)
                UNION ALL
                SELECT TraceId FROM span_links WHERE linked_trace IN (keyless)
            )
        ) AS neighbour USING (other)
        ARRAY JOIN [if(mapContains(of_span, other_span), of_span[other_span], of_trace)] AS orders
        WHERE other != TraceId
    ),
    inherited AS
    (
        SELECT TraceId, arrayMin(reached.1) AS nearest,
            arraySort(arrayDistinct(arrayFlatten(arrayMap(t -> t.2, arrayFilter(t -> t.1 = nearest, reached))))) AS orders,
            -- spans that link to one order only: a batch's receive span links to many and is shared
            CAST(arrayMap(s -> (s.1, s.2[1]), arrayFilter(s -> length(s.2) = 1, by_span)),
                'Map(String, Tuple(workflow String, order_id String))') AS of_span
        FROM
        (
            SELECT TraceId, groupArrayArray(reached) AS reached,
                groupArrayIf((SpanId, orders_of_span), SpanId != '') AS by_span
            FROM
            (
                SELECT TraceId, SpanId, groupArray((l.depth, l.orders)) AS reached, groupUniqArrayArray(l.orders) AS orders_of_span
                FROM linked AS l
                GROUP BY TraceId, SpanId
            )
            GROUP BY TraceId
        )
    ),
    shaped AS
    (
        SELECT
            span.TraceId AS TraceId,
            arraySort(r -> r.1, groupArray((
                span.position,
                parent.position,
                span.SpanId,
                span.service,
                multiIf(
                    span.role != '' OR span.kind IN ('Server', 'Client', 'Producer', 'Consumer'), span.role,
                    span.ParentSpanId = '' OR (parent.position > 0 AND parent.service != span.service), 'serve',
                    ''),
                span.operation,
                span.destination,
                span.peer,
                span.started,
                span.ended,
                span.seen_at,
                span.failed,
                span.error,
                span.message_id,
                span.orders,
                span.link_traces[1],
                span.link_spans[1]))) AS rows,
            arrayMap(r -> if(r.2 = r.1, toUInt32(0), toUInt32(r.2)), rows) AS up,
            rows.3 AS ids,
            rows.5 AS roles,
            any(kept.was) AS was_before,
            any(kept.orders) AS orders_before,
            any(kept.depth) AS depth_before,
            any(inherited.orders) AS inherited_orders,
            any(inherited.nearest) AS nearest,
            any(inherited.of_span) AS linked_spans,
            arraySort(groupUniqArrayArray(span.orders)) AS own_orders,
            argMin((span.service, span.operation), (span.ParentSpanId != '' AND parent.position > 0, span.ParentSpanId != '', span.started, span.SpanId)) AS entry
        FROM numbered AS span
        LEFT JOIN (SELECT TraceId, SpanId, position, service FROM numbered) AS parent
            ON parent.TraceId = span.TraceId AND parent.SpanId = span.ParentSpanId
        LEFT JOIN (SELECT TraceId, orders, depth, was FROM traces FINAL WHERE TraceId IN (touched)) AS kept
            ON kept.TraceId = span.TraceId
        LEFT JOIN inherited ON inherited.TraceId = span.TraceId
        GROUP BY span.TraceId
    ),
    given AS
    (
        SELECT
            *,
            multiIf(
                notEmpty(own_orders), own_orders,
                notEmpty(inherited_orders), inherited_orders,
                [CAST((concat(entry.1, ' ', entry.2), TraceId), 'Tuple(workflow String, order_id String)')]) AS orders,
            multiIf(notEmpty(own_orders), 0, notEmpty(inherited_orders), toUInt8(least(nearest + 1, 249)), 255) AS depth
        FROM shaped
    ),
    placed AS
    (
        SELECT
            *,
            -- position in `orders` that a span has by itself
            arrayMap(r -> multiIf(
                    length(orders) = 1, toUInt32(1),
                    length(r.15) = 1, toUInt32(indexOf(orders, r.15[1])),
                    empty(own_orders) AND mapContains(linked_spans, r.3), toUInt32(indexOf(orders, linked_spans[r.3])),
                    toUInt32(0)), rows) AS own,
            arrayFilter(i -> roles[i] NOT IN ('', 'create'), arrayEnumerate(roles)) AS kept_steps,
            -- the nearest step from here upwards
            arrayFold(
                (reach, round) -> arrayMap(i -> reach[i], reach),
                range(10),
                arrayMap((i, role, u) -> if(role IN ('process', 'receive', 'serve', 'send', 'call'), toUInt32(i), u),
                    arrayEnumerate(roles), roles, up)) AS nearest_step
        FROM given
    ),
    assigned AS
    (
        SELECT
            *,
            arrayMap(u -> nearest_step[u], up) AS above,
            -- the nearest span from here upwards that has an order of its own
            arrayMap(i -> own[i], if(length(orders) = 1, arrayEnumerate(own), arrayFold(
                (reach, round) -> arrayMap(i -> reach[i], reach),
                range(10),
                arrayMap((i, o, u) -> if(o > 0, toUInt32(i), u), arrayEnumerate(own), own, up)))) AS belongs
        FROM placed
    )
SELECT
    TraceId,
    orders,
    depth,
    arraySort(arrayDistinct(arrayConcat(was_before, orders))) AS was,
    orders != orders_before OR depth != depth_before OR {again:Bool} AS changed,
    length(rows) AS span_count,
    arrayMin(rows.9) AS started,
    arrayMax(rows.10) AS ended,
    arrayMin(rows.11) AS first_seen,
    arrayMax(rows.11) AS last_seen,
    arraySort(arrayDistinct(rows.4)) AS services,
    if(length(orders) > 1, ids, []) AS detail_ids,
    if(length(orders) > 1, belongs, []) AS detail_belongs,
    arrayMap(i -> rows[i].3, kept_steps) AS `steps.SpanId`,
    arrayMap(i -> rows[i].4, kept_steps) AS `steps.service`,
    arrayMap(i -> rows[i].5, kept_steps) AS `steps.role`,
    arrayMap(i -> rows[i].6, kept_steps) AS `steps.operation`,
    arrayMap(i -> rows[i].7, kept_steps) AS `steps.destination`,
    arrayMap(i -> rows[i].8, kept_steps) AS `steps.peer`,
    arrayMap(i -> rows[i].9, kept_steps) AS `steps.started`,
    arrayMap(i -> rows[i].10, kept_steps) AS `steps.ended`,
    arrayMap(i -> rows[i].11, kept_steps) AS `steps.seen_at`,
    arrayMap(i -> rows[i].12, kept_steps) AS `steps.failed`,
    arrayMap(i -> rows[i].13, kept_steps) AS `steps.error`,
    arrayMap(i -> rows[i].14, kept_steps) AS `steps.message_id`,
    arrayMap(i -> if(above[i] > 0, TraceId, rows[i].16), kept_steps) AS `steps.cause_trace`,
    arrayMap(i -> if(above[i] > 0, rows[above[i]].3, rows[i].17), kept_steps) AS `steps.cause_span`,
    arrayMap(i -> belongs[i], kept_steps) AS `steps.belongs`,
    {version:UInt64} AS version
FROM assigned;
