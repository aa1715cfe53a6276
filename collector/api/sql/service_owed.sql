-- What orders wait for a service to do, the one that has waited longest first. `orders` and `late` count
-- all of them, in every row; `late` those that are stuck for it.
SELECT workflow, order_id, state, o.1 AS step, o.2 AS after, o.3 AS since, o.4 IN ('odd_order', 'edge_stopped') AS late,
    o.5 AS diagnosis, count() OVER () AS orders, countIf(late) OVER () AS late_orders, min(since) OVER () AS oldest
FROM orders FINAL
ARRAY JOIN arrayZip(`owed.step`, `owed.after`, `owed.since`, `owed.verdict`, `owed.diagnosis`, `owed.owing`) AS o
WHERE state IN ('in_progress', 'stuck', 'compensating') AND o.6 = {service:String}
ORDER BY late DESC, since, workflow, order_id
LIMIT {limit:UInt64}
