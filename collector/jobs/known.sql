-- The steps that each workflow knows: those seen in five mature orders at least, the 500 most frequent.
-- Fed by order_facts and maturity; read by the learner, which writes them to `models`.
SELECT workflow, groupArray(step) AS steps
FROM
(
    SELECT workflow, step
    FROM
    (
        SELECT workflow, `steps.step` AS names
        FROM order_facts FINAL
        INNER JOIN (SELECT workflow, max(m.mature_before) AS mature_before FROM maturity AS m GROUP BY workflow) AS h USING (workflow)
        WHERE first_seen < mature_before
    )
    ARRAY JOIN names AS step
    GROUP BY workflow, step
    HAVING count() >= 5
    ORDER BY count() DESC, step
    LIMIT 500 BY workflow
)
GROUP BY workflow;
