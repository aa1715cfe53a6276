-- Who calls whom.
SELECT source, target, kind, sum(messages) AS calls, sumIf(messages, failed) AS errors,
    quantiles(0.5, 0.95, 0.99)(took) AS took_s, max(at) AS last_seen
FROM calls FINAL
WHERE at >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND at <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
    AND ({workflow:String} = '' OR has(workflows, {workflow:String}))
GROUP BY source, target, kind
ORDER BY source, target, kind
