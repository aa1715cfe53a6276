-- Which orders are old enough to learn from: older than three times what nearly all orders of their
-- workflow take, and at least 5 s.
INSERT INTO maturity
SELECT
    workflow,
    fromUnixTimestamp64Nano({now:Int64} - toInt64(1e9 * greatest(5., 3 * quantile(0.95)(
        (toUnixTimestamp64Nano(last_seen) - toUnixTimestamp64Nano(first_seen)) / 1e9))), 'UTC') AS mature_before
FROM order_facts FINAL
GROUP BY workflow;
