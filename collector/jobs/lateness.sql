-- Which services' steps were seen long after they had ended; over the touched orders.
INSERT INTO lateness
SELECT at, service,
    uniqCombinedState(id) AS steps,
    uniqCombinedStateIf(id, lag_s > 10) AS late,
    maxIf(lag_s, lag_s > 10) AS longest_s
FROM
(
    SELECT toStartOfInterval(toDateTime(s.2, 'UTC'), INTERVAL 10 SECOND) AS at, s.1 AS service,
        cityHash64(workflow, order_id, s.4) AS id,
        (toUnixTimestamp64Nano(s.2) - toUnixTimestamp64Nano(s.3)) / 1e9 AS lag_s
    FROM order_facts FINAL
    ARRAY JOIN arrayZip(`steps.service`, `steps.seen`, `steps.ended`, `steps.step`) AS s
    WHERE version >= {since:UInt64} AND s.2 > fromUnixTimestamp64Nano({now:Int64}, 'UTC') - INTERVAL 1 MINUTE
)
GROUP BY at, service;
