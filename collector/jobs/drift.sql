-- Edges where orders wait that have all gone on by the same step, one that the model doesn't know: at least
-- three orders that should have got through by now, and seven in ten of them; nobody got through since.
INSERT INTO drifts
SELECT workflow, rule, last, step, min(armed) AS since, fromUnixTimestamp64Nano({now:Int64}, 'UTC') AS at
FROM
(
    SELECT w.workflow AS workflow, w.rule AS rule, w.last AS last, w.armed AS armed, w.news AS news,
        count() OVER (PARTITION BY workflow, rule, last) AS here
    FROM
    (
        SELECT workflow, news, o.rule AS rule, o.last AS last, o.armed AS armed
        FROM obligations FINAL
        ARRAY JOIN owed AS o
        WHERE NOT deleted
    ) AS w
    INNER JOIN
    (
        SELECT workflow, rule, last, median_s FROM waits FINAL
        WHERE model_at = (SELECT max(model_at) FROM models)
    ) AS e ON e.workflow = w.workflow AND e.rule = w.rule AND e.last = w.last
    LEFT JOIN
    (
        SELECT workflow, rule, last, max(last_done) AS last_pass FROM passes GROUP BY workflow, rule, last
    ) AS p ON p.workflow = w.workflow AND p.rule = w.rule AND p.last = w.last
    WHERE ({now:Int64} - w.armed) / 1e9 > 1 + 2 * e.median_s AND w.armed > toUnixTimestamp64Nano(p.last_pass) - toInt64(1e9 * (1 + e.median_s))
)
ARRAY JOIN news AS step
GROUP BY workflow, rule, last, step
HAVING count() >= 3 AND count() >= 0.7 * any(here);
