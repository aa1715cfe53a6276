-- What the spans of a sample of recent traces lack, service by service. The sample bounds the work: 150
-- of the traces that arrived last, chosen by their hash, so that rare services are among them.
-- `depth` of a trace: 0 it has keys, 255 it belongs to no order, between: it inherits one over links.
WITH
    latest AS (SELECT TraceId FROM arrivals ORDER BY stored_at DESC LIMIT 10000),
    chosen AS MATERIALIZED (SELECT DISTINCT TraceId FROM latest ORDER BY cityHash64(TraceId) LIMIT 150),
    known AS
    (
        SELECT TraceId, depth, length(services) > 1 OR hasAny(`steps.role`, ['send', 'process', 'receive']) AS relevant
        FROM traces FINAL WHERE TraceId IN (chosen)
    ),
    told AS MATERIALIZED
    (
        SELECT s.TraceId AS TraceId, SpanId, ParentSpanId, service, kind, role, operation, destination, message_id, message_offset,
            sampled, empty(link_traces) AS unlinked, depth, relevant
        FROM (SELECT * FROM spans FINAL WHERE TraceId IN (chosen)) AS s
        INNER JOIN known ON known.TraceId = s.TraceId
    )
SELECT
    service,
    count() AS spans,
    countIf(entry) AS entries,
    countIf(entry AND depth = 255) AS keyless, groupArrayIf(3)(TraceId, entry AND depth = 255) AS keyless_in,
    countIf(entry AND depth BETWEEN 1 AND 254) AS inherited,
    countIf(role IN ('process', 'receive')) AS taken,
    countIf(role IN ('process', 'receive') AND ParentSpanId = '' AND unlinked AND NOT takes_below) AS detached,
    groupArrayIf(3)(TraceId, role IN ('process', 'receive') AND ParentSpanId = '' AND unlinked AND NOT takes_below) AS detached_in,
    countIf(role = 'receive' AND kind = 'Consumer') AS received, countIf(role = 'process') AS processed,
    countIf(lone) AS alone, groupArrayIf(3)(TraceId, lone) AS alone_in,
    countIf(role IN ('send', 'process', 'receive')) AS messaging,
    countIf(role IN ('send', 'process', 'receive') AND message_id = '' AND message_offset = '') AS idless,
    countIf(kind IN ('Producer', 'Consumer') AND destination = '' AND role != '') AS aimless,
    groupArrayIf(3)(TraceId, kind IN ('Producer', 'Consumer') AND destination = '' AND role != '') AS aimless_in,
    countIf(kind IN ('Internal', 'Unspecified')) AS kindless,
    countIf(sampled) AS samples, groupArrayIf(3)(TraceId, sampled) AS samples_in,
    countIf(orphan) AS orphans, groupArrayIf(3)(TraceId, orphan) AS orphans_in,
    uniqExactIf(operation, role != '') AS names,
    groupUniqArrayIf(200)(destination, role = 'send' AND destination != '') AS sends_to,
    groupUniqArrayIf(200)(destination, role IN ('process', 'receive') AND destination != '') AS takes_from
FROM
(
    SELECT *,
        role IN ('send', 'process', 'receive') OR role = 'serve' AND relevant AS entry,
        kind = 'Internal' AND ParentSpanId = '' AND unlinked AND depth = 255 AS lone,
        ParentSpanId != '' AND (TraceId, ParentSpanId) NOT IN (SELECT TraceId, SpanId FROM told) AS orphan,
        -- a receive span over process spans that carry the links is no handler
        (TraceId, SpanId) IN (SELECT TraceId, ParentSpanId FROM told WHERE role = 'process') AS takes_below
    FROM told
)
GROUP BY service
ORDER BY service
SETTINGS enable_materialized_cte = 1
