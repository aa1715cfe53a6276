-- The processes or hosts of a service, by version, the one heard of last first. A span that came twice counts once
-- when its two rows have been merged.
SELECT instance, service_version AS version, min(started) AS first_seen, max(ended) AS last_seen, count() AS spans
FROM spans
WHERE service = {service:String}
GROUP BY instance, version
ORDER BY last_seen DESC, instance, version
LIMIT 50
