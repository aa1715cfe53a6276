-- How often orders took each of some steps, among the latest that the model in force was learned from.
-- `steps`: those that stand in a choice with others.
SELECT workflow, step, count() AS orders
FROM
(
    SELECT workflow, arrayJoin(arrayIntersect(arrayMap(s -> toString(s), `steps.step`), {steps:Array(String)})) AS step
    FROM order_facts FINAL
    WHERE ({workflow:String} = '' OR workflow = {workflow:String})
        AND version >= (SELECT max(version) FROM order_facts) - {window_ns:UInt64}
)
GROUP BY workflow, step
