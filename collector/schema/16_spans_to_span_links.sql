-- Links, found by their target.
CREATE MATERIALIZED VIEW IF NOT EXISTS spans_to_span_links TO span_links AS
SELECT arrayJoin(link_traces) AS linked_trace, TraceId FROM spans WHERE notEmpty(link_traces);
