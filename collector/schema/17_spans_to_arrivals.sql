-- Which traces got spans in this commit.
CREATE MATERIALIZED VIEW IF NOT EXISTS spans_to_arrivals TO arrivals AS
SELECT stored_at, TraceId, toUInt32(count()) AS spans FROM spans GROUP BY stored_at, TraceId;
