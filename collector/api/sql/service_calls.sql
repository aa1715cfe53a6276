-- The calls at both sides of a service, an edge of the map a row; and in the row without a source the
-- time that messages to it spent in the broker, over all topics.
SELECT source, target, kind, taken, sum(messages) AS calls, sumIf(messages, failed) AS errors,
    quantiles(0.5, 0.95, 0.99)(took) AS took_s, max(at) AS last_seen
FROM (SELECT *, target = {service:String} AND kind = 'messaging' AS taken FROM calls FINAL)
WHERE (source = {service:String} OR target = {service:String})
    AND at >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND at <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
GROUP BY GROUPING SETS ((source, target, kind), (taken))
HAVING grouping(source) = 0 OR taken
ORDER BY source, target, kind
