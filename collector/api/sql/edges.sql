-- Who calls whom, by whole minutes, or hours where they are a day old. How long it took is known to 2 %.
WITH
    (q) -> arrayFirst((k, n) -> n >= q * counts[-1], keys, counts) AS power,
    (q) -> if(power(q) = -32768, 0., pow(1.04, power(q))) AS quantile
SELECT source, target, kind, calls, errors, [quantile(0.5), quantile(0.95), quantile(0.99)] AS took_s,
    fromUnixTimestamp64Second(last_seen, 'UTC') AS last_seen
FROM
(
    SELECT source, target, kind, sum(calls) AS calls, sum(errors) AS errors,
        mapFilter((k, n) -> n > 0, sumMap(took)) AS all_took, mapKeys(all_took) AS keys, arrayCumSum(mapValues(all_took)) AS counts,
        max(last_seen) AS last_seen
    FROM calls_by_minute
    WHERE minute > intDiv({from:Int64}, 1000000000) - if(minute < intDiv({now:Int64}, 1000000000) - 86400, 3600, 60)
        AND minute <= intDiv({to:Int64}, 1000000000)
        AND ({workflow:String} = '' OR has(workflows, {workflow:String}))
    GROUP BY source, target, kind
    HAVING calls > 0
)
ORDER BY source, target, kind
