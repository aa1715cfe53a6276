-- The commits that are waiting to be derived, the oldest first, and how many spans each brought. At most
-- 10,000 at a time, for after an upgrade all that is stored is waiting.
SELECT toUnixTimestamp64Nano(stored_at) AS at, count() AS spans
FROM otel_traces
WHERE stored_at > fromUnixTimestamp64Nano({after:Int64}, 'UTC') AND stored_at <= fromUnixTimestamp64Nano({through:Int64}, 'UTC')
GROUP BY stored_at
ORDER BY stored_at
LIMIT 10000;
