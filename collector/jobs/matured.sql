-- How many orders of each workflow are old enough to learn from, and how many aren't yet.
SELECT workflow, countIf(first_seen < h.mature_before) AS mature_orders, count() - mature_orders AS young_orders
FROM order_facts AS f FINAL
INNER JOIN (SELECT workflow, max(mature_before) AS mature_before FROM maturity GROUP BY workflow) AS h USING (workflow)
GROUP BY workflow
ORDER BY workflow;
