-- Distinct spans, traces and services, and the last commit the jobs know of.
SELECT
    (SELECT sum(span_count) FROM traces FINAL) AS spans,
    (SELECT count() FROM traces FINAL) AS traces,
    (SELECT uniqExact(service) FROM services) AS services,
    (SELECT toUnixTimestamp64Nano(max(stored_at)) FROM arrivals) AS stored_at
