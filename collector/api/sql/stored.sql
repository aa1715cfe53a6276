-- Distinct spans, traces and services, and the last commit that the jobs haven't taken in (1970: they have all).
SELECT
    sum(span_count) AS spans,
    count() AS traces,
    (SELECT uniqExact(service) FROM services) AS services,
    (SELECT toUnixTimestamp64Nano(max(stored_at)) FROM otel_traces
        WHERE stored_at > fromUnixTimestamp64Nano({through:Int64}, 'UTC')) AS stored_at
FROM traces FINAL
