-- For pairs of steps (one may undo the other): of the orders that took the first, those in which before it
-- something had failed (a step of `negative`, or any step that failed) and the second was done.
SELECT p.1 AS step, p.2 AS undone,
    countIf(undone_at > 0 AND NOT failed[undone_at] AND started[undone_at] <= started[step_at]
        AND arrayExists(
            (name, at, bad) -> (bad OR has({negative:Array(String)}, name)) AND name != step AND at <= started[step_at],
            names, started, failed)) AS seen,
    count() AS of
FROM
(
    SELECT arrayMap(s -> toString(s), `steps.step`) AS names, `steps.started` AS started, `steps.failed` AS failed,
        arrayJoin(arrayZip({steps:Array(String)}, {undone:Array(String)})) AS p,
        indexOf(names, p.1) AS step_at, indexOf(names, p.2) AS undone_at
    FROM order_facts FINAL
    WHERE workflow = {workflow:String} AND hasAny(arrayMap(s -> toString(s), `steps.step`), {steps:Array(String)})
)
WHERE step_at > 0
GROUP BY step, undone
