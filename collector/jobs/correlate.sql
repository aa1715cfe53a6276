-- Traces that got spans, written anew as a whole: which orders they belong to, and what caused each step.
--
-- A span belongs to: its own key's order; else that of its nearest keyed ancestor; else the trace's
-- only order; what belongs to none of several orders alone is shared by all (belongs = 0). A trace
-- without keys takes the orders of the traces it links to or is linked from (`inherited`, made by the job
-- before this one; the runner repeats both on the neighbours until nothing changes, and `depth` counts the
-- links). A trace that reaches no key is a run of its own: workflow `service operation` of its entry, the
-- trace id as order. Parent ids never cross traces.
--
-- A span is an entry, hence a step, where its kind says so; or by the boundary: its parent is another
-- service's, or it has none. So wrong or missing kinds do no harm.
--
-- Ancestors are found without recursion: each trace is a few arrays ordered by span id, `up` holds the
-- position of the parent (0: none here), and following `up` through itself doubles the distance each time;
-- a cycle of parents ends like any other path. `look_up` takes the values at many places of an array at
-- once by sorting: a lambda that indexes an outer array has that array copied for every element, which
-- for a trace of 100,000 spans would be 40 GB.
-- `again`: the last run was cut off, perhaps before the neighbours' turn; they are looked at in any case.
INSERT INTO traces
WITH
    -- for each of `wanted` the value whose key it is; every wanted one must be among the keys
    (keys, held, wanted) -> arraySort(arrayConcat(
        arrayZip(keys, arrayResize(CAST([], 'Array(UInt32)'), length(keys), 0), held),
        arrayZip(wanted, arrayEnumerate(wanted), arrayResize(arraySlice(held, 1, 0), length(wanted))))) AS sorted,
    (keys, held, wanted) -> arrayMap(s -> s.2, arraySort(arrayFilter(s -> s.1 > 0, arrayZip(
        sorted(keys, held, wanted).2,
        arrayFill((v, n) -> n = 0, sorted(keys, held, wanted).3, sorted(keys, held, wanted).2))))) AS look_up,
    touched AS MATERIALIZED
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
    numbered AS MATERIALIZED
    (
        SELECT
            TraceId, SpanId, ParentSpanId, service, service_version, instance, kind, role, destination, peer, started, ended, seen_at, failed, error, sampled,
            orders, message_id, message_partition, message_offset, link_traces[1] AS link_trace, link_spans[1] AS link_span,
            concat(extract(replaceRegexpAll(operation, '[^ /.:]*[0-9{][^ /.:]*', '{id}'), '^((?:[^ /.:]*[ /.:]+){0,2}[^ /.:]*)'), '…') AS coarse,
            multiIf(
                service NOT IN (SELECT service FROM operations WHERE operation = '{other}'), operation,
                (service, operation) IN (SELECT service, operation FROM operations), operation,
                (service, coarse) IN (SELECT service, operation FROM operations WHERE coarse), coarse,
                '{other}') AS operation_kept,
            toUInt32(row_number() OVER (PARTITION BY TraceId ORDER BY SpanId)) AS position
        FROM spans FINAL
        WHERE TraceId IN (SELECT TraceId FROM touched)
    ),
    shaped AS
    (
        SELECT
            span.TraceId AS TraceId,
            arraySort(r -> r.1, groupArray((
                span.position,
                if(parent.position = span.position, toUInt32(0), parent.position),
                span.SpanId,
                span.service,
                multiIf(
                    span.role = 'call' AND parent.position > 0 AND parent.service != span.service, 'serve',
                    span.role != '' OR span.kind IN ('Server', 'Client', 'Producer', 'Consumer'), span.role,
                    span.ParentSpanId = '' OR (parent.position > 0 AND parent.service != span.service), 'serve',
                    ''),
                span.operation_kept,
                span.destination,
                span.peer,
                span.started,
                span.ended,
                span.seen_at,
                span.failed,
                span.error,
                span.service_version,
                span.instance,
                span.message_id,
                span.message_partition,
                span.message_offset,
                span.link_trace,
                span.link_span,
                -- the order that a span has by itself
                multiIf(
                    length(span.orders) = 1, cityHash64(span.orders[1].1, span.orders[1].2),
                    empty(span.orders) AND length(of_span.orders) = 1, cityHash64(of_span.orders[1].1, of_span.orders[1].2),
                    0)))) AS rows,
            any(kept.was) AS was_before,
            any(kept.orders) AS orders_before,
            any(kept.depth) AS depth_before,
            any(of_trace.orders) AS inherited_orders,
            any(of_trace.nearest) AS nearest,
            max(span.sampled) AS sampled,
            arraySort(groupUniqArrayArray(span.orders)) AS own_orders,
            argMin((span.service, span.operation_kept), (span.ParentSpanId != '' AND parent.position > 0, span.ParentSpanId != '', span.started, span.SpanId)) AS entry
        FROM numbered AS span
        LEFT JOIN (SELECT TraceId, SpanId, position, service FROM numbered) AS parent
            ON parent.TraceId = span.TraceId AND parent.SpanId = span.ParentSpanId
        LEFT JOIN (SELECT TraceId, orders, depth, was FROM traces FINAL WHERE TraceId IN (SELECT TraceId FROM touched)) AS kept
            ON kept.TraceId = span.TraceId
        LEFT JOIN (SELECT TraceId, orders, nearest FROM inherited FINAL WHERE SpanId = '' AND TraceId IN (SELECT TraceId FROM touched)) AS of_trace
            ON of_trace.TraceId = span.TraceId
        LEFT JOIN (SELECT TraceId, SpanId, orders FROM inherited FINAL WHERE SpanId != '' AND TraceId IN (SELECT TraceId FROM touched)) AS of_span
            ON of_span.TraceId = span.TraceId AND of_span.SpanId = span.SpanId
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
            multiIf(notEmpty(own_orders), 0, notEmpty(inherited_orders), toUInt8(least(nearest % 100 + 1, 99) + if(nearest < 100, 0, 100)), 255) AS depth,
            arrayPushFront(rows.1, toUInt32(0)) AS places,
            -- the nearest step from each place upwards
            arrayFold(
                (reach, round) -> look_up(arrayMap(p -> toUInt32(p - 1), arrayEnumerate(reach)), reach, reach),
                range(toUInt8(ceil(log2(length(rows) + 1)))),
                arrayPushFront(arrayMap((p, u, role) -> if(role IN ('process', 'receive', 'serve', 'send', 'call'), p, u), rows.1, rows.2, rows.5), toUInt32(0))) AS nearest_step
        FROM shaped
    ),
    placed AS
    (
        SELECT
            *,
            look_up(places, nearest_step, rows.2) AS above,
            -- position in `orders` of the order that a span has by itself; only if there are several
            if(length(orders) = 1, [], look_up(
                arrayPushFront(arrayMap(o -> cityHash64(o.1, o.2), orders), 0),
                arrayPushFront(arrayMap(n -> toUInt32(n), arrayEnumerate(orders)), toUInt32(0)),
                rows.21)) AS own
        FROM given
    ),
    shared AS
    (
        SELECT
            *,
            look_up(places, arrayPushFront(rows.3, ''), above) AS above_ids,
            if(length(orders) = 1, [], look_up(places, arrayPushFront(own, toUInt32(0)), arrayPopFront(arrayFold(
                (reach, round) -> look_up(arrayMap(p -> toUInt32(p - 1), arrayEnumerate(reach)), reach, reach),
                range(toUInt8(ceil(log2(length(own) + 1)))),
                arrayPushFront(arrayMap((p, u, o) -> if(o > 0, p, u), rows.1, rows.2, own), toUInt32(0)))))) AS belongs
        FROM placed
    ),
    stepped AS
    (
        SELECT
            *,
            arrayFilter(s -> s.1.5 NOT IN ('', 'create'), arrayZip(
                rows, above_ids, if(length(orders) = 1, arrayResize(CAST([], 'Array(UInt32)'), length(rows), 1), belongs))) AS steps
        FROM shared
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
    sampled,
    if(length(orders) > 1, rows.3, []) AS detail_ids,
    belongs AS detail_belongs,
    steps.1.3 AS `steps.SpanId`,
    steps.1.4 AS `steps.service`,
    steps.1.5 AS `steps.role`,
    steps.1.6 AS `steps.operation`,
    steps.1.7 AS `steps.destination`,
    steps.1.8 AS `steps.peer`,
    steps.1.9 AS `steps.started`,
    steps.1.10 AS `steps.ended`,
    steps.1.11 AS `steps.seen_at`,
    steps.1.12 AS `steps.failed`,
    steps.1.13 AS `steps.error`,
    steps.1.14 AS `steps.service_version`,
    steps.1.15 AS `steps.instance`,
    steps.1.16 AS `steps.message_id`,
    steps.1.17 AS `steps.message_partition`,
    steps.1.18 AS `steps.message_offset`,
    arrayMap(s -> if(s.2 != '', TraceId, s.1.19), steps) AS `steps.cause_trace`,
    arrayMap(s -> if(s.2 != '', s.2, s.1.20), steps) AS `steps.cause_span`,
    steps.3 AS `steps.belongs`,
    {version:UInt64} AS version
FROM stepped
SETTINGS enable_materialized_cte = 1;
