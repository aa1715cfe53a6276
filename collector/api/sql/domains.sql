-- Services with their domain, and when we last heard of each.
SELECT service, max(namespace) AS domain, max(last_seen) AS last_seen
FROM services
GROUP BY service
