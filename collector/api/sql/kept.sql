-- Spans as they came, those that came twice among them.
SELECT count() AS spans FROM otel_traces
