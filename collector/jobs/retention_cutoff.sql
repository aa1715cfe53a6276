-- The moment before which the oldest `share` of the spans had been stored.
SELECT toUnixTimestamp64Nano(quantile({share:Float64})(stored_at)) + 1 AS at FROM otel_traces;
