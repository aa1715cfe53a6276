-- How many orders of each workflow can be learned from, and how many can't yet: too young, or their spans
-- are still coming in.
SELECT workflow,
    countIf(first_seen < h.mature_before AND toUnixTimestamp64Nano(last_seen) < {now:Int64} - 5000000000) AS mature_orders,
    count() - mature_orders AS young_orders
FROM order_facts AS f FINAL
INNER JOIN (SELECT workflow, max(mature_before) AS mature_before FROM maturity GROUP BY workflow) AS h USING (workflow)
GROUP BY workflow
ORDER BY workflow;
