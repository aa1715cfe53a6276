-- Every interaction in the changed traces, a trace a row, for the map.
--
-- A call is seen twice, by the caller and the callee: it counts once, by the callee's span, with the
-- caller's time. A call that nobody served counts by the caller's span until its callee shows up.
-- A message taken counts once for each service: by the process span, else by the receive span, however
-- many parents and links lead to the same producer; a batch counts for as many messages as it links to,
-- also one that is sent and links to the spans that created its messages.
-- Spans that only poll, or gather records that have receive spans of their own, count for none.
-- Where consumer and producer name the destination differently (queue and exchange), the producer's
-- name is the topic, unless somebody in their traces sends to the consumer's.
INSERT INTO calls_drawn
    (TraceId, workflows, `calls.source`, `calls.target`, `calls.kind`, `calls.at`, `calls.took`, `calls.messages`, `calls.failed`, version)
WITH
    (a, b) -> greatest(0, toUnixTimestamp64Nano(b) - toUnixTimestamp64Nano(a)) / 1e9 AS seconds,
    drawn AS MATERIALIZED
    (
        SELECT TraceId FROM traces WHERE version >= {since:UInt64}
        UNION DISTINCT
        -- receive and process of one message may stand in two traces that link to the same third
        SELECT TraceId FROM span_links WHERE linked_trace IN
        (
            SELECT l.linked_trace FROM span_links AS l
            WHERE l.linked_trace IN (
                SELECT arrayJoin(s.link_traces) FROM spans AS s
                WHERE s.TraceId IN (SELECT TraceId FROM traces WHERE version >= {since:UInt64}))
        )
    ),
    happened AS MATERIALIZED
    (
        SELECT TraceId, s.1 AS SpanId, s.2 AS service, s.3 AS role, s.4 AS destination, s.5 AS peer,
            s.6 AS started, s.7 AS ended, s.8 AS failed, s.9 AS cause_trace, s.10 AS cause_span, workflows
        FROM
        (
            SELECT TraceId, arrayDistinct(arrayMap(o -> o.1, orders)) AS workflows,
                arrayZip(`steps.SpanId`, `steps.service`, `steps.role`, `steps.destination`, `steps.peer`,
                    `steps.started`, `steps.ended`, `steps.failed`, `steps.cause_trace`, `steps.cause_span`) AS steps
            FROM traces FINAL WHERE TraceId IN (drawn)
        )
        ARRAY JOIN steps AS s
    ),
    -- links of a messaging span; a consumer's without any has those of the create span right above it
    linking AS MATERIALIZED
    (
        SELECT TraceId, SpanId, destination, l.1 AS other, l.2 AS other_span
        FROM
        (
            SELECT TraceId, SpanId, role, destination,
                arrayZip(link_traces, link_spans) AS own,
                anyIf(own, role = 'create') OVER (PARTITION BY TraceId, if(role = 'create', SpanId, ParentSpanId)) AS above
            FROM spans FINAL
            WHERE TraceId IN (drawn) AND role IN ('process', 'receive', 'create', 'send')
        )
        ARRAY JOIN arrayDistinct(if(empty(own) AND role != 'send', above, own)) AS l
        WHERE role != 'create'
    ),
    elsewhere AS MATERIALIZED
    (
        SELECT TraceId AS other, SpanId AS other_span, service, role, destination, ended
        FROM spans FINAL WHERE TraceId IN (SELECT other FROM linking) AND role IN ('send', 'create', 'process', 'receive')
    ),
    linked AS
    (
        SELECT l.TraceId AS TraceId, l.SpanId AS SpanId,
            countIf(e.role NOT IN ('process', 'receive')) AS messages, countIf(e.role = 'create') AS created,
            anyIf(e.service, e.role IN ('send', 'create')) AS service,
            maxIf(e.ended, e.role IN ('send', 'create')) AS ended,
            if(max((l.other, l.destination) IN (SELECT other, destination FROM elsewhere WHERE role = 'send')), '',
                minIf(e.destination, e.role IN ('send', 'create'))) AS destination
        FROM linking AS l
        LEFT JOIN elsewhere AS e ON e.other = l.other AND e.other_span = l.other_span
        GROUP BY TraceId, SpanId
    )
SELECT
    TraceId, drawing.workflows, c.1, c.2, c.3, c.4, c.5, c.6, c.7, {version:UInt64} AS version
FROM (SELECT DISTINCT TraceId FROM drawn) AS traces_drawn
LEFT JOIN
(
    SELECT TraceId, any(workflows) AS workflows,
        groupArrayIf((
            source, target, kind, at, if(took > 0, toInt16(round(log(took) / log(1.04))), toInt16(-32768)), messages, failed),
            NOT counted_elsewhere) AS c
    FROM
    (
        SELECT
            h.TraceId AS TraceId,
            multiIf(
                taken AND (multiIf(
                    h.sends > 0, h.destination,
                    linked.destination != '', linked.destination,
                    above.role = 'send' AND above.destination != '', above.destination,
                    h.destination) AS topic) != '', concat('topic:', topic),
                taken, if(linked.service != '', linked.service, above.service),
                h.role = 'serve', above.service,
                h.service) AS source,
            multiIf(h.role = 'send', concat('topic:', h.destination),
                h.role = 'database', concat('db:', h.peer),
                h.role = 'call', if(h.peer IN (SELECT service FROM services), h.peer, concat('external:', h.peer)),
                h.service) AS target,
            multiIf(taken OR h.role = 'send', 'messaging', h.role = 'database', 'database', 'rpc') AS kind,
            intDiv(toUnixTimestamp64Nano(h.started), 1000000000) AS at,
            multiIf(
                h.role = 'serve' AND above.role = 'call', seconds(above.started, above.ended),
                taken AND linked.service != '', seconds(linked.ended, h.started),
                taken AND above.role = 'send' AND above.destination IN (h.destination, topic), seconds(above.ended, h.started),
                -- taken before the first that is known to be sent: it took how long nobody knows
                taken AND h.sends > 0 AND toUnixTimestamp64Nano(h.sent_ended) > 0, seconds(h.sent_ended, h.started),
                taken, 0.,
                seconds(h.started, h.ended)) AS took,
            multiIf(taken, greatest(1, linked.messages), h.role = 'send', greatest(1, linked.created), 1) AS messages,
            h.failed OR (h.role = 'serve' AND above.role = 'call' AND above.failed) AS failed,
            h.workflows AS workflows,
            toUInt8(multiIf(
                -- counted by the callee's span, or nobody knows whom it calls
                h.role = 'call', h.peer = ''
                    OR (h.TraceId, h.SpanId) IN (SELECT cause_trace, cause_span FROM happened WHERE role = 'serve'),
                h.role = 'serve', above.SpanId = '',
                h.role = 'send', h.destination = '',
                h.role = 'process', source = '',
                h.role = 'receive', source = ''
                    OR (h.TraceId, h.service, h.destination) IN (SELECT TraceId, service, destination FROM happened WHERE role = 'process')
                    OR h.cause_span != '' AND (h.cause_trace, h.cause_span, h.service, h.destination) IN
                        (SELECT cause_trace, cause_span, service, destination FROM happened WHERE role = 'process')
                    -- links to spans that took the messages already
                    OR linked.SpanId != '' AND linked.messages = 0,
                0)) AS counted_elsewhere
        FROM
        (
            SELECT *,
                role IN ('process', 'receive') AS taken,
                countIf(role = 'send') OVER (PARTITION BY TraceId, destination) AS sends,
                anyLastIf(ended, role = 'send') OVER (
                    PARTITION BY TraceId, destination ORDER BY started, role != 'send'
                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS sent_ended
            FROM happened
        ) AS h
        LEFT JOIN (SELECT TraceId, SpanId, service, role, destination, started, ended, failed FROM happened) AS above
            ON above.TraceId = h.TraceId AND above.SpanId = h.cause_span
        LEFT JOIN linked ON linked.TraceId = h.TraceId AND linked.SpanId = h.SpanId
    )
    GROUP BY TraceId
) AS drawing USING (TraceId)
SETTINGS enable_materialized_cte = 1;
