-- What is known of one order, and the verdict on it (all '' before it was judged).
SELECT
    f.workflow AS workflow, f.order_id AS order_id, f.started AS started, f.ended AS ended,
    f.span_count AS span_count, f.trace_ids AS trace_ids,
    arrayZip(f.`steps.step`, f.`steps.service`, f.`steps.role`, f.`steps.operation`, f.`steps.destination`,
        f.`steps.started`, f.`steps.ended`, f.`steps.attempts`, f.`steps.duplicates`, f.`steps.failed`, f.`steps.error`,
        f.`steps.TraceId`, f.`steps.SpanId`, f.`steps.cause`) AS steps,
    o.state AS state, o.verdict AS verdict, o.state_since AS state_since, o.step AS step, o.service AS service,
    o.diagnosis AS diagnosis, o.error AS error, o.cause_id AS cause_id,
    o.`owed.step`, o.`owed.service`, o.`owed.owing`, o.`owed.role`, o.`owed.operation`, o.`owed.destination`, o.`owed.any_of`, o.`owed.undo`,
    o.`owed.after`, o.`owed.since`, o.`owed.expected_by`, o.`owed.verdict`, o.`owed.diagnosis`,
    o.`owed.seen`, o.`owed.of`, o.`owed.median_s`, o.`owed.p99_s`
FROM order_facts AS f FINAL
LEFT JOIN (SELECT * FROM orders FINAL WHERE order_id = {id:String}) AS o
    ON o.workflow = f.workflow AND o.order_id = f.order_id
WHERE f.order_id = {id:String} AND ({workflow:String} = '' OR f.workflow = {workflow:String})
LIMIT 2
