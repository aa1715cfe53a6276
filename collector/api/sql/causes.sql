-- Stuck and failed orders by where and why, the most orders first. `owed`: what the latest of them owes;
-- `since`: when the first of them had done its last good step (or failed).
SELECT
    o.cause_id AS cause_id,
    any(o.workflow) AS workflow,
    any(o.state) AS state,
    any(o.service) AS service,
    any(o.step) AS step,
    any(o.diagnosis) AS diagnosis,
    argMax(o.error, o.started) AS error,
    argMax(arrayFilter(w -> w.1 = o.step, arrayZip(`owed.step`, `owed.service`, `owed.owing`, `owed.role`,
        `owed.operation`, `owed.destination`, `owed.after`))[1], o.started) AS owed,
    count() AS orders,
    min(o.state_since) AS oldest_since,
    min(if(has(`owed.step`, o.step), `owed.since`[indexOf(`owed.step`, o.step)], o.state_since)) AS since,
    min(o.started) AS first_started,
    max(o.started) AS last_started,
    countIf(o.state_since > fromUnixTimestamp64Nano({now:Int64} - 300000000000, 'UTC')) / 5 AS trend_per_min
FROM orders AS o FINAL
WHERE o.state IN ('stuck', 'failed') AND o.cause_id != '' AND ({workflow:String} = '' OR o.workflow = {workflow:String})
GROUP BY o.cause_id
ORDER BY orders DESC, oldest_since, cause_id
