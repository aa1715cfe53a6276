-- Further ids whose orders may have changed, and what they were seen together with: ids in traces that got
-- spans (or are linked with such); of kinds that became hubs or no longer are; then, round by round, in the
-- traces of what changed before (`changed_at`).
--
-- Evidence is what was seen together: on one span; in one trace; in a trace and the only trace it links to.
-- A context with two orders tells nothing.
INSERT INTO alias_evidence
WITH
    hub AS MATERIALIZED (SELECT workflow, key FROM hubs FINAL WHERE hub),
    turned AS (SELECT workflow, key FROM hubs FINAL WHERE version = {turned_at:UInt64}),
    arrived AS MATERIALIZED
    (
        SELECT TraceId FROM arrivals
        WHERE stored_at > fromUnixTimestamp64Nano({after:Int64}, 'UTC')
            AND stored_at <= fromUnixTimestamp64Nano({through:Int64}, 'UTC')
    ),
    touched AS MATERIALIZED
    (
        SELECT TraceId FROM arrived
        UNION DISTINCT
        SELECT TraceId FROM span_links WHERE linked_trace IN (SELECT TraceId FROM arrived)
        UNION DISTINCT
        SELECT l.linked_trace AS TraceId FROM span_links AS l WHERE l.TraceId IN (SELECT TraceId FROM arrived)
        UNION DISTINCT
        SELECT TraceId FROM span_keys
        WHERE (workflow, key, value) IN (SELECT workflow, key, value FROM aliases WHERE version = {changed_at:UInt64})
            AND (workflow, key) NOT IN (SELECT workflow, key FROM hub)
    ),
    node AS MATERIALIZED
    (
        SELECT DISTINCT k.1 AS workflow, k.2 AS key, k.3 AS value
        FROM spans ARRAY JOIN keys AS k
        WHERE TraceId IN (SELECT TraceId FROM touched) AND k.2 != ''
        UNION DISTINCT
        SELECT workflow, key, value FROM aliases WHERE (workflow, key) IN (turned)
    ),
    evident AS MATERIALIZED
    (
        SELECT DISTINCT TraceId FROM span_keys
        WHERE (workflow, key, value) IN (SELECT workflow, key, value FROM node) AND (workflow, key) NOT IN (SELECT workflow, key FROM hub)
    ),
    linked AS MATERIALIZED
    (
        SELECT TraceId FROM span_links WHERE linked_trace IN (SELECT TraceId FROM evident)
        UNION DISTINCT
        SELECT TraceId FROM evident
    ),
    -- traces with only one link, from or to one of those
    pair AS MATERIALIZED
    (
        SELECT TraceId, any(linked_trace) AS other FROM span_links
        WHERE TraceId IN (SELECT TraceId FROM linked)
        GROUP BY TraceId HAVING uniqExact(linked_trace) = 1
    ),
    around AS MATERIALIZED
    (
        SELECT TraceId FROM evident UNION DISTINCT SELECT arrayJoin([TraceId, other]) AS TraceId FROM pair
    ),
    keyed AS MATERIALIZED
    (
        SELECT DISTINCT TraceId, SpanId, k.1 AS workflow, k.2 AS key, k.3 AS value
        FROM spans ARRAY JOIN keys AS k
        WHERE TraceId IN (SELECT TraceId FROM around) AND (k.1, k.2) NOT IN (SELECT workflow, key FROM hub)
    ),
    -- the contexts that a trace is in by its only link, or as the target of one
    membership AS MATERIALIZED
    (
        SELECT of_trace, groupArray(context) AS contexts
        FROM (SELECT arrayJoin([TraceId, other]) AS of_trace, concat('link ', TraceId) AS context FROM pair)
        GROUP BY of_trace
    )
SELECT {version:UInt64} AS version, true AS node, workflow, CAST([], 'Array(String)') AS own, [(key, value)] AS further FROM node
UNION ALL
SELECT DISTINCT {version:UInt64} AS version, false AS node, workflow, own, further
FROM
(
    SELECT workflow, arraySort(groupUniqArrayIf(value, key = '')) AS own, arraySort(groupUniqArrayIf((key, value), key != '')) AS further
    FROM
    (
        SELECT arrayJoin(arrayConcat([TraceId, concat(TraceId, SpanId)], membership.contexts)) AS context, workflow, key, value
        FROM keyed LEFT JOIN membership ON membership.of_trace = keyed.TraceId
    )
    GROUP BY context, workflow
    HAVING length(own) < 2 AND notEmpty(further)
)
SETTINGS enable_materialized_cte = 1;
