-- The calls at both sides of a service, an edge of the map a row; and in the row without a source the
-- time that messages to it spent in the broker, over all topics. By whole minutes (hours where they are a day old), durations to 2 %.
WITH
    (q) -> arrayFirst((k, n) -> n >= q * counts[-1], keys, counts) AS power,
    (q) -> if(power(q) = -32768, 0., pow(1.04, power(q))) AS quantile
SELECT source, target, kind, taken, calls, errors, [quantile(0.5), quantile(0.95), quantile(0.99)] AS took_s,
    fromUnixTimestamp64Second(last_seen, 'UTC') AS last_seen
FROM
(
    SELECT source, target, kind, taken, sum(calls) AS calls, sum(errors) AS errors,
        mapFilter((k, n) -> n > 0, sumMap(took)) AS all_took, mapKeys(all_took) AS keys, arrayCumSum(mapValues(all_took)) AS counts,
        max(last_seen) AS last_seen
    FROM (SELECT *, target = {service:String} AND kind = 'messaging' AS taken FROM calls_by_minute)
    WHERE (source = {service:String} OR target = {service:String})
        AND minute > intDiv({from:Int64}, 1000000000) - if(minute < intDiv({now:Int64}, 1000000000) - 86400, 3600, 60)
        AND minute <= intDiv({to:Int64}, 1000000000)
    GROUP BY GROUPING SETS ((source, target, kind), (taken))
    HAVING (grouping(source) = 0 OR taken) AND calls > 0
)
ORDER BY source, target, kind
