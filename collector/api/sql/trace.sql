-- The spans of a trace as they came.
SELECT * FROM otel_traces WHERE TraceId = {trace_id:String}
ORDER BY stored_at LIMIT 1 BY TraceId, SpanId
LIMIT 100000
