-- Stuck and failed orders by where and why, the most orders first. `latest`: the id of the latest of them;
-- `since`: when the first of them had done its last good step (or failed).
SELECT
    o.cause_id AS cause_id,
    any(o.workflow) AS workflow,
    any(o.state) AS state,
    any(o.service) AS service,
    any(o.step) AS step,
    any(o.diagnosis) AS diagnosis,
    argMax(o.error, o.started) AS error,
    argMax(o.order_id, o.started) AS latest,
    count() AS orders,
    min(o.state_since) AS oldest_since,
    min(if(has(`owed.step`, o.step), `owed.since`[indexOf(`owed.step`, o.step)], o.state_since)) AS since,
    min(o.started) AS first_started,
    max(o.started) AS last_started,
    countIf(o.state_since > fromUnixTimestamp64Nano({now:Int64} - 300000000000, 'UTC')) / 5 AS trend_per_min
FROM orders AS o FINAL
WHERE o.state IN ('stuck', 'failed') AND o.cause_id != ''
    -- if workflow
    AND o.workflow = {workflow:String}
    -- end
GROUP BY o.cause_id
ORDER BY orders DESC, oldest_since, cause_id
