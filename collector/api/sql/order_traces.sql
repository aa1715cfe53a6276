-- The traces of one order, with their steps and what led to each. `place`: the order's among those that
-- the trace belongs to; `detail_belongs` and `steps.belongs`: the place of the only one whose span it is,
-- 0 it is shared. Without `detail_ids` no other order has part in the trace.
SELECT TraceId AS trace_id, started, ended, span_count, services, detail_ids, detail_belongs,
    indexOf(orders, ({workflow:String}, {id:String})) AS place,
    `steps.SpanId`, `steps.service`, `steps.role`, `steps.operation`, `steps.destination`, `steps.started`, `steps.ended`,
    `steps.failed`, `steps.message_id`, `steps.belongs`, `steps.cause_trace`, `steps.cause_span`
FROM traces FINAL
WHERE TraceId IN {traces:Array(String)}
    AND place > 0
ORDER BY started, trace_id
SETTINGS max_threads = 1
