-- A page of orders, the most urgent first; `total` counts all that match, over all pages (a page behind
-- the last has no row). Filters that are '' or empty don't count. What is shown of an order is read for
-- those of the page only.
WITH
    matching AS
    (
        SELECT
            workflow, order_id,
            indexOf(['stuck', 'failed', 'compensating', 'in_progress', 'unknown', 'compensated', 'completed'], state) AS rank,
            toUnixTimestamp64Nano(started) AS started_ns
        FROM orders FINAL
        WHERE ({workflow:String} = '' OR workflow = {workflow:String})
            AND (empty({states:Array(String)}) OR state IN {states:Array(String)})
            AND ({verdict:String} = '' OR verdict = {verdict:String})
            AND ({cause:String} = '' OR cause_id = {cause:String})
            AND ({service:String} = '' OR service = {service:String} OR has(services, {service:String})
                OR has(`owed.service`, {service:String}))
            AND ({step:String} = '' OR step = {step:String} OR has(`owed.step`, {step:String})
                OR (workflow, order_id) IN (SELECT workflow, order_id FROM order_facts FINAL WHERE has(`steps.step`, {step:String})))
            AND ({q:String} = '' OR positionCaseInsensitiveUTF8(order_id, {q:String}) > 0
                OR (workflow, order_id) IN
                    (SELECT o.1, o.2 FROM traces FINAL ARRAY JOIN orders AS o WHERE TraceId = lower({q:String})))
            AND ({source:String} = ''
                -- took this edge, or owes the step at its end
                OR (workflow, order_id) IN
                    (SELECT o.1, o.2 FROM traces FINAL ARRAY JOIN orders AS o WHERE TraceId IN
                        (SELECT TraceId FROM calls FINAL WHERE arrayExists((s, t) -> s = {source:String} AND t = {target:String}, `calls.source`, `calls.target`)))
                OR arrayExists(
                    (s, d, r) -> if(r = 'send', s = {source:String} AND concat('topic:', d) = {target:String},
                        s = {target:String} AND concat('topic:', d) = {source:String}),
                    `owed.service`, `owed.destination`, `owed.role`))
            AND ({trivial:Bool} OR NOT trivial)
            AND started >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')
            AND started <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
    )
SELECT
    workflow, order_id, state, verdict, started, ended, state_since, step, service, diagnosis, error,
    cause_id, span_count, trace_count,
    indexOf(['stuck', 'failed', 'compensating', 'in_progress', 'unknown', 'compensated', 'completed'], state) AS rank,
    toUnixTimestamp64Nano(started) AS started_ns,
    `owed.step`, `owed.service`, `owed.owing`, `owed.role`, `owed.operation`, `owed.destination`, `owed.any_of`, `owed.undo`,
    `owed.after`, `owed.since`, `owed.expected_by`, `owed.verdict`, `owed.diagnosis`,
    `owed.seen`, `owed.of`, `owed.median_s`, `owed.p99_s`,
    (SELECT count() FROM matching) AS total
FROM orders FINAL
WHERE (workflow, order_id) IN
(
    SELECT workflow, order_id FROM matching
    WHERE (rank, -started_ns, workflow, order_id) >
        ({after_rank:Int64}, {after_started:Int64}, {after_workflow:String}, {after_order:String})
    ORDER BY rank, -started_ns, workflow, order_id
    LIMIT {limit:UInt64}
)
ORDER BY rank, -started_ns, workflow, order_id
