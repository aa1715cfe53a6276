-- Who got past each rule's edges: the touched orders, or all of them when rules are new (`since` = 0).
-- An edge leads from `last`, the latest of the steps that it requires and of those before it was kept that
-- hand over, to the first of the steps that keep it. (A consumer's span is seen after those of what it sends: it gets
-- through at once, and overtakes those before it only then.)
INSERT INTO passes
SELECT
    workflow, rule, names[last_at] AS last, toDateTime(intDiv(seen[last_at], 1000000000), 'UTC') AS armed,
    min(fromUnixTimestamp64Nano(greatest(done, seen[last_at]), 'UTC')) AS first_done,
    max(fromUnixTimestamp64Nano(greatest(done, seen[last_at]), 'UTC')) AS last_done
FROM
(
    SELECT workflow, rule, names, seen, done,
        arrayReverseSort(i -> (seen[i], i),
            arrayFilter((i, name, at) -> has(requires, name) OR (at <= done AND has(handover, name)), arrayEnumerate(names), names, seen))[1] AS last_at
    FROM
    (
        SELECT workflow, rule, names, seen, requires, handover,
            arrayMin(arrayMap((name, at) -> if(has(any_of, name), at, 9223372036854775807), names, seen)) AS done
        FROM
        (
            SELECT workflow, `steps.step` AS names, arrayMap(t -> toUnixTimestamp64Nano(t), `steps.seen`) AS seen
            FROM order_facts FINAL
            WHERE version >= {since:UInt64}
        ) AS f
        INNER JOIN
        (
            SELECT workflow, rule, requires, `any_of.step` AS any_of, handover
            FROM rules FINAL
            WHERE model_at = (SELECT max(model_at) FROM models)
        ) AS r USING (workflow)
        WHERE hasAll(names, requires) AND hasAny(names, any_of)
    )
)
WHERE last_at > 0
GROUP BY workflow, rule, last, armed;
