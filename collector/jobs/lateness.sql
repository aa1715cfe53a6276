-- Which services' steps were seen long after they had ended; over the touched orders. What is long is told by
-- what is usual for the service within an hour, so that a clock that is off makes nothing late.
INSERT INTO lateness
WITH
    usual AS
    (
        SELECT service, quantileExact(0.5)(least) AS usual_s, true AS known
        FROM
        (
            SELECT service, at, min(l.least_s) AS least
            FROM lateness AS l
            WHERE at > fromUnixTimestamp64Nano({now:Int64}, 'UTC') - INTERVAL 1 HOUR
            GROUP BY service, at
        )
        GROUP BY service
    )
SELECT at, service,
    uniqCombinedState(id) AS steps,
    uniqCombinedStateIf(id, late_s > 10) AS late,
    maxIf(late_s, late_s > 10) AS longest_s,
    min(lag_s) AS least_s,
    groupUniqArrayIf(100)((id, late_s), late_s > 3) AS tardy
FROM
(
    SELECT at, service, id, lag_s, lag_s - if(known, usual_s, min(lag_s) OVER (PARTITION BY service)) AS late_s
    FROM
    (
        SELECT toStartOfInterval(toDateTime(s.2, 'UTC'), INTERVAL 10 SECOND) AS at, s.1 AS service,
            cityHash64(workflow, order_id, s.4) AS id,
            (toUnixTimestamp64Nano(s.2) - toUnixTimestamp64Nano(s.3)) / 1e9 AS lag_s
        FROM order_facts FINAL
        ARRAY JOIN arrayZip(`steps.service`, `steps.seen`, `steps.ended`, `steps.step`) AS s
        WHERE version >= {since:UInt64} AND s.2 > fromUnixTimestamp64Nano({now:Int64}, 'UTC') - INTERVAL 1 MINUTE
    ) AS f
    LEFT JOIN usual USING (service)
)
GROUP BY at, service;
