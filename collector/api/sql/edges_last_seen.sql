-- When edges of the map (source>target) had their last call, however long ago.
SELECT source, target, fromUnixTimestamp64Second(max(last_seen), 'UTC') AS last_seen
FROM calls_by_minute
WHERE concat(source, '>', target) IN {edges:Array(String)}
GROUP BY source, target
