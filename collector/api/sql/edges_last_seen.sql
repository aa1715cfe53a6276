-- When edges of the map (source>target) had their last call, however long ago.
SELECT source, target, max(at) AS last_seen
FROM calls FINAL
WHERE concat(source, '>', target) IN {edges:Array(String)}
GROUP BY source, target
