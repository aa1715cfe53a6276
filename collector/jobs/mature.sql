-- How many orders of each workflow are old enough to learn from, and how old that is.
SELECT workflow, countIf(toUnixTimestamp64Nano(first_seen) < {now:Int64} - toInt64(h.horizon_s * 1e9)) AS mature_orders,
    any(h.horizon_s) AS horizon_s
FROM order_facts AS f FINAL
INNER JOIN
(
    SELECT workflow,
        greatest(5., 3 * quantile(0.95)((toUnixTimestamp64Nano(last_seen) - toUnixTimestamp64Nano(first_seen)) / 1e9)) AS horizon_s
    FROM order_facts FINAL GROUP BY workflow
) AS h USING (workflow)
GROUP BY workflow
ORDER BY workflow;
