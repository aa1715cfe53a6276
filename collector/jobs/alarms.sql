-- How good the alarms of the last day were: orders that were called odd, and those of them that went on by
-- themselves.
SELECT count() AS flagged, countIf(went_on > flagged_at) AS cleared
FROM
(
    SELECT workflow, order_id,
        minIf(at, verdict = 'odd_order') AS flagged_at,
        maxIf(at, state IN ('in_progress', 'completed')) AS went_on
    FROM verdicts
    WHERE at > fromUnixTimestamp64Nano({now:Int64}, 'UTC') - INTERVAL 1 DAY
    GROUP BY workflow, order_id
    HAVING countIf(verdict = 'odd_order') > 0
);
