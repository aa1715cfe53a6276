-- The commits whose spans are derived and wait to be correlated, the oldest first, and how many spans each brought.
SELECT toUnixTimestamp64Nano(stored_at) AS at, sum(arrivals.spans) AS spans
FROM arrivals
WHERE stored_at > fromUnixTimestamp64Nano({after:Int64}, 'UTC') AND stored_at <= fromUnixTimestamp64Nano({through:Int64}, 'UTC')
GROUP BY stored_at
ORDER BY stored_at
LIMIT 10000;
