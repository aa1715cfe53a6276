-- Orders that a changed trace belongs to, or ever did, written anew as a whole from all their traces.
--
-- What caused a step: the span it has as parent or link. A consumer's step whose parent is not a message
-- of its own destination gets the latest earlier send to that destination in the same order: so
-- FastStream's flattened parents (every consumer of a chain hangs under the chain's first message)
-- come right, and so do consumers that carry neither parent nor link. A send that knows no cause (a batch
-- sent for several orders, an outbox) follows from what its service took or served last in the order.
--
-- A message is known by its id, else by the span it comes from. `attempts` counts deliveries of the same
-- message, so three messages of one topic are no retry; `duplicates` those that succeeded once more.
--
-- Read once each and kept (MATERIALIZED): planning every use of a subquery anew costs more than the data.
INSERT INTO order_facts
    (workflow, order_id, started, ended, first_seen, last_seen, span_count, trace_ids, services, sampled,
    `steps.step`, `steps.service`, `steps.role`, `steps.operation`, `steps.destination`, `steps.started`,
    `steps.ended`, `steps.seen`, `steps.attempts`, `steps.duplicates`, `steps.failed`, `steps.error`,
    `steps.TraceId`, `steps.SpanId`, `steps.cause`,
    `steps.partition`, `steps.version`, `steps.instance`, version, deleted)
WITH
    touched AS MATERIALIZED
    (
        SELECT DISTINCT o.workflow AS workflow, o.order_id AS order_id
        FROM traces ARRAY JOIN arrayConcat(was, orders) AS o
        WHERE version >= {since:UInt64}
    ),
    members AS MATERIALIZED
    (
        SELECT
            TraceId, orders, started, ended, first_seen, last_seen, span_count, services, sampled,
            -- what thousands of orders share tells of none of them
            length(orders) * countEqual(`steps.belongs`, 0) <= 100000 AS sharing,
            arrayZip(
                `steps.SpanId`, `steps.service`, `steps.role`, `steps.operation`, `steps.destination`,
                `steps.started`, `steps.ended`, `steps.seen_at`, `steps.failed`, `steps.error`,
                `steps.cause_trace`, `steps.cause_span`, `steps.belongs`, `steps.message_id`,
                `steps.message_partition`, `steps.service_version`, `steps.instance`) AS steps
        FROM traces FINAL
        WHERE TraceId IN (SELECT TraceId FROM order_traces WHERE (workflow, order_id) IN (touched))
    ),
    belonging AS MATERIALIZED
    (
        SELECT
            o.workflow AS workflow, o.order_id AS order_id, place, TraceId, started, ended, first_seen, last_seen, span_count, services,
            sampled AS in_part
        FROM members
        ARRAY JOIN orders AS o, arrayEnumerate(orders) AS place
        WHERE (o.workflow, o.order_id) IN (touched)
    ),
    happened AS MATERIALIZED
    (
        SELECT
            b.workflow AS workflow, b.order_id AS order_id, m.TraceId AS TraceId,
            s.1 AS SpanId, s.2 AS service, s.3 AS role, s.4 AS operation, s.5 AS destination,
            s.6 AS started, s.7 AS ended, s.8 AS seen_at, s.9 AS failed, s.10 AS error,
            s.11 AS cause_trace, s.12 AS cause_span,
            concat(service, ' ', role, ' ', operation) AS step,
            if(role NOT IN ('process', 'receive'), '', if(s.14 != '', s.14, cause_span)) AS message,
            (s.15, s.16, s.17) AS spot
        FROM (SELECT TraceId, s, s.13 AS belongs FROM members ARRAY JOIN steps AS s WHERE s.3 != 'database' AND (s.13 > 0 OR sharing)) AS m
        -- a step is its own order's, or (0) everybody's
        INNER JOIN (SELECT workflow, order_id, TraceId, belongs FROM belonging ARRAY JOIN [place, 0] AS belongs) AS b
            ON b.TraceId = m.TraceId AND b.belongs = m.belongs
    ),
    caused AS
    (
        SELECT
            h.workflow AS workflow, h.order_id AS order_id, h.step AS step, h.service AS service, h.role AS role,
            h.operation AS operation, h.destination AS destination, h.started AS started, h.ended AS ended,
            h.seen_at AS seen_at, h.failed AS failed, h.error AS error, h.message AS message,
            h.TraceId AS TraceId, h.SpanId AS SpanId, h.spot AS spot,
            multiIf(
                h.role IN ('process', 'receive') AND h.sent != ''
                    AND NOT (above.destination = h.destination AND above.role IN ('send', 'receive')), h.sent,
                h.role = 'send' AND above.step = '', h.taken,
                above.step) AS cause
        FROM
        (
            SELECT *,
                anyLastIf(step, role = 'send') OVER (
                    PARTITION BY workflow, order_id, destination ORDER BY started, role != 'send'
                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS sent,
                anyLastIf(step, role IN ('process', 'receive', 'serve')) OVER (
                    PARTITION BY workflow, order_id, service ORDER BY started, SpanId
                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS taken
            FROM happened
        ) AS h
        LEFT JOIN happened AS above
            ON above.workflow = h.workflow AND above.order_id = h.order_id
                AND above.TraceId = h.cause_trace AND above.SpanId = h.cause_span
    ),
    stepped AS
    (
        SELECT workflow, order_id, step,
            any(service) AS service, any(role) AS role, any(operation) AS operation, any(destination) AS destination,
            min(started) AS first_started, max(ended) AS last_ended, min(seen_at) AS seen,
            uniqExact(TraceId, SpanId) AS spans,
            uniqExactIf(message, message != '') AS messages,
            uniqExactIf((TraceId, SpanId), message != '' AND NOT failed)
                - uniqExactIf(message, message != '' AND NOT failed) AS duplicates,
            min(failed) AS all_failed,
            argMaxIf(error, (started, SpanId), failed) AS last_error,
            argMax((TraceId, SpanId, spot.1, spot.2, spot.3), (started, SpanId)) AS last_span,
            argMinIf(cause, (started, SpanId), cause != '' AND cause != step) AS cause
        FROM caused
        GROUP BY workflow, order_id, step
    ),
    listed AS
    (
        SELECT workflow, order_id,
            arraySort(s -> (s.6, s.1), groupArray(500)((
                step, service, role, operation, destination, first_started, last_ended, seen,
                toUInt32(spans + 1 - greatest(messages, 1)), toUInt32(duplicates), all_failed, last_error, last_span.1, last_span.2, cause,
                last_span.3, last_span.4, last_span.5))) AS s
        FROM stepped
        GROUP BY workflow, order_id
    ),
    extent AS
    (
        SELECT workflow, order_id,
            min(started) AS started, max(ended) AS ended,
            min(first_seen) AS first_seen, max(last_seen) AS last_seen,
            sum(span_count) AS span_count,
            arraySort(groupUniqArray(TraceId)) AS trace_ids,
            arraySort(groupUniqArrayArray(services)) AS services,
            max(in_part) AS sampled
        FROM belonging
        GROUP BY workflow, order_id
    )
SELECT
    touched.workflow AS workflow,
    touched.order_id AS order_id,
    extent.started AS started,
    extent.ended AS ended,
    extent.first_seen AS first_seen,
    extent.last_seen AS last_seen,
    toUInt32(extent.span_count) AS span_count,
    extent.trace_ids AS trace_ids,
    extent.services AS services,
    extent.sampled,
    listed.s.1, listed.s.2, listed.s.3, listed.s.4, listed.s.5, listed.s.6, listed.s.7, listed.s.8,
    listed.s.9, listed.s.10, listed.s.11, listed.s.12, listed.s.13, listed.s.14, listed.s.15,
    listed.s.16, listed.s.17, listed.s.18,
    {version:UInt64} AS version,
    toUInt8(empty(extent.trace_ids)) AS deleted
FROM touched
LEFT JOIN extent ON extent.workflow = touched.workflow AND extent.order_id = touched.order_id
LEFT JOIN listed ON listed.workflow = touched.workflow AND listed.order_id = touched.order_id
-- only a run of its own loses its last trace, to the order whose key came late, or an order that was named by
-- a further id (`payment.id=7`) until its own was known; of an order without traces
-- they were dropped for their age, and what was known of it stays
WHERE notEmpty(extent.trace_ids) OR touched.order_id IN (SELECT TraceId FROM traces WHERE version >= {since:UInt64})
    OR (touched.workflow, splitByChar('=', touched.order_id)[1]) IN (SELECT workflow, key FROM workflows WHERE key != '')
SETTINGS enable_materialized_cte = 1;
