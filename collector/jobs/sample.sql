-- Which orders are learned from: one row a workflow, with how many of its orders are mature (see `mature`)
-- and their spans no longer coming in, how many are not yet, and how many of the latest are looked at.
-- At most `orders` of a workflow, and together no more pairs of steps than `pairs` (of each workflow a few
-- in any case), so that learning takes its time and no longer however much there is to learn from.
SELECT
    workflow,
    mature_orders,
    young_orders,
    least(wanted, greatest(100, toUInt64(wanted * least(1, {pairs:UInt64} / greatest(1, sum(wanted * cost) OVER ()))))) AS sampled
FROM
(
    SELECT
        workflow,
        countIf(ripe) AS mature_orders,
        countIf(NOT ripe) AS young_orders,
        least(mature_orders, {orders:UInt64}) AS wanted,
        ifNotFinite(avgIf(steps * steps, ripe), 0) AS cost
    FROM
    (
        SELECT workflow, least(length(`steps.step`), 100) AS steps,
            first_seen < mature_before AND toUnixTimestamp64Nano(last_seen) < {now:Int64} - 5000000000 AS ripe
        FROM order_facts FINAL
        INNER JOIN (SELECT workflow, max(m.mature_before) AS mature_before FROM maturity AS m GROUP BY workflow) AS h USING (workflow)
    )
    GROUP BY workflow
)
ORDER BY workflow;
