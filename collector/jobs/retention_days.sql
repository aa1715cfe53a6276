-- Days of `otel_traces` in which rows are marked as deleted and nothing more will become too old: the time
-- to rewrite them without those rows. (The engine does so when it merges parts, but old days have little
-- left to merge.) The other tables aren't cut into days; there merging does it.
SELECT DISTINCT partition_id
FROM system.parts
WHERE active AND has_lightweight_delete AND database = currentDatabase() AND table = 'otel_traces'
    AND partition_id < toString(toYYYYMMDD(fromUnixTimestamp64Nano({before:Int64}, 'UTC')))
ORDER BY partition_id;
