-- Services and their numbers.
SELECT service, max(namespace) AS domain, min(first_seen) AS first_seen, max(last_seen) AS last_seen,
    uniqCombined64Merge(spans) AS spans, uniqCombined64Merge(errors) AS errors,
    arraySort(arrayFilter(v -> v != '', groupUniqArrayArray(versions))) AS versions
FROM services
WHERE {service:String} = '' OR service = {service:String}
GROUP BY service
ORDER BY service
