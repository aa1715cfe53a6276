-- The rules of the model in force, and when an order last kept each.
SELECT workflow, rule, requires, `any_of.step`, `any_of.service`, `any_of.role`, `any_of.operation`, `any_of.destination`,
    handover, source, share, seen, of, median_s, p99_s, limit_s, within_s, critical, compensates,
    toUnixTimestamp64Nano(valid_from) AS valid_ns, kept_ns
FROM rules FINAL
LEFT JOIN
(
    SELECT workflow, rule, toUnixTimestamp64Nano(max(last_done)) AS kept_ns
    FROM passes
    WHERE {workflow:String} = '' OR workflow = {workflow:String}
    GROUP BY workflow, rule
) AS p USING (workflow, rule)
WHERE model_at = (SELECT max(model_at) FROM models) AND ({workflow:String} = '' OR workflow = {workflow:String})
ORDER BY workflow, requires, `any_of.step`
