-- Who got past each rule's edges: the touched orders, or all of them when rules are new (`since` = 0).
-- An edge leads from `last`, the latest of the steps that it requires and of those before it was kept that
-- hand over, to the first of the steps that keep it. (A consumer's span is seen after those of what it sends:
-- it gets through at once, and overtakes those before it only then.) Who went on from there by a step that
-- implies one of those, which itself wasn't seen, overtakes nobody; `implied` is when that was seen.
-- Steps go by a hash of their name, and are looked up from the few that a rule names: every order is met by
-- every rule here.
INSERT INTO passes
WITH
    ruled AS
    (
        SELECT workflow, rule, requires, `any_of.step` AS any_of, handover, implied_by
        FROM rules FINAL
        WHERE model_at = (SELECT max(model_at) FROM models)
    )
SELECT
    p.workflow, p.rule, n.step AS last, armed,
    min(fromUnixTimestamp64Nano(first_done, 'UTC')) AS first_done,
    max(fromUnixTimestamp64Nano(last_done, 'UTC')) AS last_done,
    max(fromUnixTimestamp64Nano(implied, 'UTC')) AS implied
FROM
(
    SELECT workflow, rule, ids[last_at] AS id, toDateTime(intDiv(seen[last_at], 1000000000), 'UTC') AS armed,
        min(if(came, greatest(done, seen[last_at]), 9223372036854775807)) AS first_done,
        max(if(came, greatest(done, seen[last_at]), 0)) AS last_done,
        max(if(came, 0, done)) AS implied
    FROM
    (
        SELECT workflow, rule, ids, seen, hasAny(ids, wanted) AS came,
            arrayMin(arrayMap(x -> if(indexOf(ids, x) = 0, 9223372036854775807, seen[indexOf(ids, x)]), if(came, wanted, beyond))) AS done,
            arrayMax(arrayMap(x -> (seen[indexOf(ids, x)], indexOf(ids, x)), needed)) AS a,
            if(empty(between), [], arrayFilter(t -> t.2 > 0 AND t.1 <= done, arrayMap(x -> (seen[indexOf(ids, x)], indexOf(ids, x)), between))) AS h,
            multiIf(empty(h), a, length(needed) = 1, arrayMax(h), arrayMax(arrayPushBack(h, a))) AS latest,
            latest.2 AS last_at
        FROM
        (
            SELECT workflow, arrayMap(s -> cityHash64(s), `steps.step`) AS ids, arrayMap(t -> toUnixTimestamp64Nano(t), `steps.seen`) AS seen
            FROM order_facts FINAL
            WHERE version >= {since:UInt64}
        ) AS f
        INNER JOIN
        (
            SELECT workflow, rule, arrayMap(s -> cityHash64(s), requires) AS needed, arrayMap(s -> cityHash64(s), any_of) AS wanted,
                arrayMap(s -> cityHash64(s), handover) AS between, arrayMap(s -> cityHash64(s), implied_by) AS beyond
            FROM ruled
        ) AS r USING (workflow)
        WHERE hasAll(ids, needed) AND (hasAny(ids, wanted) OR hasAny(ids, beyond))
    )
    WHERE last_at > 0
    GROUP BY workflow, rule, id, armed
) AS p
INNER JOIN (SELECT DISTINCT workflow, arrayJoin(arrayConcat(requires, handover)) AS step, cityHash64(step) AS id FROM ruled) AS n
    ON n.workflow = p.workflow AND n.id = p.id
GROUP BY p.workflow, p.rule, n.step, armed;
