-- How many traces whose orders just changed have links, one way or the other.
SELECT count() AS traces
FROM traces
WHERE version = {version:UInt64} AND changed
    AND (notEmpty(arrayFilter(t -> t NOT IN ('', TraceId), `steps.cause_trace`)) OR TraceId IN (SELECT linked_trace FROM span_links));
