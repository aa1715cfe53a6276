-- The time that a service's spans span.
SELECT toUnixTimestamp64Nano(min(started)) AS first, toUnixTimestamp64Nano(max(started)) AS last, count() AS spans
FROM spans
WHERE service = {service:String}
