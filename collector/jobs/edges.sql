-- Every interaction in the changed traces, for the map.
-- A call is seen twice, by the caller and the callee: it counts once, by the callee's span, with the
-- caller's time. A call that nobody served counts by the caller's span until its callee shows up.
INSERT INTO calls
WITH
    (a, b) -> greatest(0, toUnixTimestamp64Nano(b) - toUnixTimestamp64Nano(a)) / 1e9 AS seconds,
    happened AS
    (
        SELECT TraceId, s.1 AS SpanId, s.2 AS service, s.3 AS role, s.4 AS destination, s.5 AS peer,
            s.6 AS started, s.7 AS ended, s.8 AS failed, s.9 AS cause_trace, s.10 AS cause_span, workflows
        FROM
        (
            SELECT *, arrayDistinct(arrayMap(o -> o.1, orders)) AS workflows
            FROM traces FINAL WHERE TraceId IN (SELECT TraceId FROM traces WHERE version >= {since:UInt64})
        )
        ARRAY JOIN arrayZip(`steps.SpanId`, `steps.service`, `steps.role`, `steps.destination`, `steps.peer`,
            `steps.started`, `steps.ended`, `steps.failed`, `steps.cause_trace`, `steps.cause_span`) AS s
    ),
    elsewhere AS
    (
        SELECT TraceId, SpanId, service, role, destination, ended FROM spans FINAL
        WHERE TraceId IN (SELECT cause_trace FROM happened WHERE cause_trace NOT IN ('', TraceId))
    )
SELECT
    h.TraceId AS TraceId,
    h.SpanId AS SpanId,
    multiIf(h.role IN ('process', 'receive'), concat('topic:', h.destination),
        h.role = 'serve', above.service,
        h.service) AS source,
    multiIf(h.role = 'send', concat('topic:', h.destination),
        h.role = 'database', concat('db:', h.peer),
        h.role = 'call', if(h.peer IN (SELECT service FROM services), h.peer, concat('external:', h.peer)),
        h.service) AS target,
    multiIf(h.role IN ('send', 'process', 'receive'), 'messaging', h.role = 'database', 'database', 'rpc') AS kind,
    h.started AS at,
    multiIf(
        h.role = 'serve' AND above.role = 'call', seconds(above.started, above.ended),
        h.role IN ('process', 'receive') AND linked.role IN ('send', 'create'), seconds(linked.ended, h.started),
        h.role IN ('process', 'receive') AND above.role = 'send' AND above.destination = h.destination, seconds(above.ended, h.started),
        h.role IN ('process', 'receive') AND sent.destination != '', seconds(sent.ended, h.started),
        h.role IN ('process', 'receive'), 0.,
        seconds(h.started, h.ended)) AS took,
    h.failed OR (h.role = 'serve' AND above.role = 'call' AND above.failed) AS failed,
    h.workflows AS workflows,
    {version:UInt64} AS version,
    toUInt8(
        -- counted by the callee's span; or an entry that nobody called; or nobody knows whom
        (h.role = 'call' AND (served.SpanId != '' OR h.peer = ''))
        OR (h.role = 'serve' AND above.SpanId = '')
        OR (h.role = 'receive' AND processed.destination != '')) AS deleted
FROM happened AS h
LEFT JOIN (SELECT TraceId, SpanId, service, role, destination, started, ended, failed FROM happened) AS above
    ON above.TraceId = h.cause_trace AND above.SpanId = h.cause_span
LEFT JOIN elsewhere AS linked ON linked.TraceId = h.cause_trace AND linked.SpanId = h.cause_span
LEFT JOIN (SELECT DISTINCT cause_trace AS TraceId, cause_span AS SpanId FROM happened WHERE role = 'serve') AS served
    ON served.TraceId = h.TraceId AND served.SpanId = h.SpanId
LEFT JOIN (SELECT DISTINCT TraceId, service, destination FROM happened WHERE role = 'process') AS processed
    ON processed.TraceId = h.TraceId AND processed.service = h.service AND processed.destination = h.destination
ASOF LEFT JOIN (SELECT TraceId, destination, started, ended FROM happened WHERE role = 'send') AS sent
    ON sent.TraceId = h.TraceId AND sent.destination = h.destination AND sent.started <= h.started;
