-- Orders over time, an interval a row. Started and stuck count by the order's start, finished by its end.
WITH toInt64({interval_s:UInt64}) AS interval_s
SELECT t, sum(started_n) AS started, sum(finished_n) AS finished, sum(stuck_n) AS stuck, sum(failed_n) AS failed,
    quantilesArray(0.5, 0.95, 0.99)(took) AS took_s
FROM
(
    SELECT intDiv(toUnixTimestamp64Nano(started), interval_s * 1000000000) * interval_s AS t,
        1 AS started_n, 0 AS finished_n, toUInt8(state = 'stuck') AS stuck_n, toUInt8(state = 'failed') AS failed_n,
        CAST([], 'Array(Float64)') AS took, workflow, started AS at
    FROM orders FINAL
    WHERE {step:String} = '' OR (workflow, order_id) IN (SELECT workflow, order_id FROM order_facts FINAL WHERE has(`steps.step`, {step:String}))
    UNION ALL
    SELECT intDiv(toUnixTimestamp64Nano(ended), interval_s * 1000000000) * interval_s AS t,
        0, 1, 0, 0, [(toUnixTimestamp64Nano(ended) - toUnixTimestamp64Nano(started)) / 1e9], workflow, ended AS at
    FROM orders FINAL
    WHERE state IN ('completed', 'compensated')
        AND ({step:String} = '' OR (workflow, order_id) IN (SELECT workflow, order_id FROM order_facts FINAL WHERE has(`steps.step`, {step:String})))
)
WHERE ({workflow:String} = '' OR workflow = {workflow:String})
    AND at >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND at <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
GROUP BY t
ORDER BY t
