-- The last commit that the jobs haven't taken in (1970: they have all), and how many services are known.
SELECT toUnixTimestamp64Nano(max(stored_at)) AS last, (SELECT uniqExact(service) FROM services) AS services
FROM otel_traces
WHERE stored_at > fromUnixTimestamp64Nano({through:Int64}, 'UTC')
