-- Where stuck orders wait: by the step they owe, of those that are late.
SELECT o.1 AS step, o.2 AS service, o.3 AS role, o.4 AS destination, o.5 AS after, o.6 AS owing, count() AS orders,
    max(o.8) AS since
FROM orders FINAL
ARRAY JOIN arrayZip(`owed.step`, `owed.service`, `owed.role`, `owed.destination`, `owed.after`, `owed.owing`, `owed.verdict`, `owed.since`) AS o
WHERE state = 'stuck' AND o.7 IN ('odd_order', 'edge_stopped')
    AND ({workflow:String} = '' OR workflow = {workflow:String})
GROUP BY step, service, role, destination, after, owing
ORDER BY step, after
