-- When spans last came.
SELECT toUnixTimestamp64Nano(max(stored_at)) AS at FROM otel_traces;
