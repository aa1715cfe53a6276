-- What there is to do for the traces that got spans, so that jobs that are rarely needed cost nothing:
-- do they have names that aren't known yet, links, further ids of orders? Read by the runner.
WITH
    touched AS
    (
        SELECT TraceId FROM arrivals
        WHERE stored_at > fromUnixTimestamp64Nano({after:Int64}, 'UTC')
            AND stored_at <= fromUnixTimestamp64Nano({through:Int64}, 'UTC')
    ),
    (SELECT count() > 0 FROM span_links) AS any_links
SELECT
    any_links AND (
        max(notEmpty(link_traces)) OR
        (SELECT count() > 0 FROM span_links WHERE any_links AND linked_trace IN (touched))) AS links,
    max((service, operation) NOT IN (SELECT service, operation FROM operations)
        AND (role != '' OR ParentSpanId = ''
            OR (TraceId, ParentSpanId, service) NOT IN (SELECT TraceId, SpanId, service FROM spans WHERE TraceId IN (touched)))) AS names,
    max(notEmpty(keys)) AS keys
FROM spans
WHERE TraceId IN (touched);
