-- The orders of a page, the most urgent first; `total` counts all that match, over all pages (a page behind
-- the last has no row). The blocks that begin with `if` count only where that is asked for. What is shown
-- of an order is read afterwards, see orders_shown.
SELECT workflow, order_id, rank, started_ns, total
FROM
(
    SELECT
        workflow, order_id,
        indexOf(['stuck', 'failed', 'compensating', 'in_progress', 'unknown', 'compensated', 'completed'], state) AS rank,
        toUnixTimestamp64Nano(started) AS started_ns,
        count() OVER () AS total
    FROM orders FINAL
    WHERE started >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')
        AND started <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
        -- if workflow
        AND workflow = {workflow:String}
        -- end
        -- if states
        AND state IN {states:Array(String)}
        -- end
        -- if verdict
        AND verdict = {verdict:String}
        -- end
        -- if cause
        AND cause_id = {cause:String}
        -- end
        -- if service
        AND (service = {service:String} OR has(services, {service:String}) OR has(`owed.service`, {service:String}))
        -- end
        -- if step
        AND (step = {step:String} OR has(`owed.step`, {step:String})
            OR (workflow, order_id) IN (SELECT workflow, order_id FROM order_facts FINAL WHERE has(`steps.step`, {step:String})))
        -- end
        -- if q
        AND (positionCaseInsensitiveUTF8(order_id, {q:String}) > 0
            OR (workflow, order_id) IN (SELECT o.1, o.2 FROM traces FINAL ARRAY JOIN orders AS o WHERE TraceId = lower({q:String})))
        -- end
        -- if source
        -- took this edge, or owes the step at its end
        AND ((workflow, order_id) IN
                (SELECT o.1, o.2 FROM traces FINAL ARRAY JOIN orders AS o WHERE TraceId IN
                    (SELECT TraceId FROM calls FINAL WHERE arrayExists((s, t) -> s = {source:String} AND t = {target:String}, `calls.source`, `calls.target`)))
            OR arrayExists(
                (s, d, r) -> if(r = 'send', s = {source:String} AND concat('topic:', d) = {target:String},
                    s = {target:String} AND concat('topic:', d) = {source:String}),
                `owed.service`, `owed.destination`, `owed.role`))
        -- end
        -- if told
        AND NOT trivial
        -- end
)
-- if after
WHERE (rank, -started_ns, workflow, order_id) >
    ({after_rank:Int64}, {after_started:Int64}, {after_workflow:String}, {after_order:String})
-- end
ORDER BY rank, started_ns DESC, workflow, order_id
LIMIT {limit:UInt64}
