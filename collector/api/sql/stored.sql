-- Distinct spans and traces stored.
SELECT sum(span_count) AS spans, count() AS traces FROM traces FINAL
