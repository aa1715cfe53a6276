-- What is known of one order; of two where the id alone names several.
SELECT workflow, order_id, started, ended, span_count, trace_ids,
    `steps.step`, `steps.service`, `steps.role`, `steps.operation`, `steps.destination`, `steps.started`, `steps.ended`,
    `steps.attempts`, `steps.duplicates`, `steps.failed`, `steps.error`, `steps.TraceId`, `steps.SpanId`, `steps.cause`
FROM order_facts FINAL
WHERE order_id = {id:String} AND ({workflow:String} = '' OR workflow = {workflow:String})
LIMIT 2
SETTINGS max_threads = 1
