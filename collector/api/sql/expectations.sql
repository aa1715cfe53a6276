-- The rules of the model in force.
SELECT workflow, rule, requires, `any_of.step`, `any_of.service`, `any_of.role`, `any_of.operation`, `any_of.destination`,
    handover, source, share, seen, of, median_s, p99_s, limit_s, within_s, critical, compensates
FROM rules FINAL
WHERE model_at = (SELECT max(model_at) FROM models) AND ({workflow:String} = '' OR workflow = {workflow:String})
UNION ALL
SELECT workflow, lower(hex(sipHash64(workflow, after, step))) AS rule, [after] AS requires,
    [step] AS `any_of.step`, [service] AS `any_of.service`, [role] AS `any_of.role`, [operation] AS `any_of.operation`,
    [destination] AS `any_of.destination`, [] AS handover, source, share, seen, of, median_s, p99_s, limit_s,
    if(source = 'declared', limit_s, 0) AS within_s, true AS critical, [] AS compensates
FROM expectations FINAL
WHERE model_at = (SELECT max(model_at) FROM models) AND ({workflow:String} = '' OR workflow = {workflow:String})
ORDER BY workflow, requires, `any_of.step`
