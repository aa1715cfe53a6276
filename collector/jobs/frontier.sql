-- How far orders got past each rule of the model in force: the touched orders, or all of them when the
-- model is new (`since` = 0).
INSERT INTO passes
SELECT workflow, after, step, max(seen[indexOf(steps, after)]) AS frontier, max(seen[indexOf(steps, step)]) AS last_pass
FROM
(
    SELECT workflow, `steps.step` AS steps, `steps.seen` AS seen
    FROM order_facts FINAL
    WHERE version >= {since:UInt64}
) AS f
INNER JOIN
(
    SELECT workflow, after, step FROM expectations FINAL
    WHERE model_at = (SELECT max(model_at) FROM models)
) AS e USING (workflow)
WHERE has(steps, after) AND has(steps, step)
GROUP BY workflow, after, step;
