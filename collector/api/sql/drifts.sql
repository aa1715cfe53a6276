-- Edges whose orders all go on by a step that the model in force doesn't know, and that nobody has passed since.
SELECT d.workflow AS workflow, d.rule AS rule, d.last AS last, d.step AS step, d.since AS since, d.at AS at
FROM
(
    SELECT workflow, rule, last, step, min(since) AS since, max(at) AS at
    FROM drifts
    WHERE {workflow:String} = '' OR workflow = {workflow:String}
    GROUP BY workflow, rule, last, step
) AS d
LEFT JOIN
(
    SELECT workflow, rule, last, max(last_done) AS last_pass FROM passes GROUP BY workflow, rule, last
) AS p ON p.workflow = d.workflow AND p.rule = d.rule AND p.last = d.last
WHERE p.last_pass < d.at
    AND (d.workflow, d.rule) IN (SELECT workflow, rule FROM rules FINAL WHERE model_at = (SELECT max(model_at) FROM models))
ORDER BY workflow, rule, last, step
