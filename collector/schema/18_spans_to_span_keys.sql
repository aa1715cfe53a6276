-- The ids that spans have, found by the id.
CREATE MATERIALIZED VIEW IF NOT EXISTS spans_to_span_keys TO span_keys AS
SELECT k.1 AS workflow, k.2 AS key, k.3 AS value, TraceId, SpanId FROM spans ARRAY JOIN keys AS k;
