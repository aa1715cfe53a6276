-- What the learner needs to know of steps and of pairs of steps, counted: one row a pair (`first`, `then`) that
-- came together in orders of a workflow; a step with itself stands for the step alone. Over the orders that
-- `sample` chose, whatever became of them.
--
-- Counts are by blocks of orders, 0 the latest: sixteen of equal number, of which the latest is cut finer, so
-- that what came with a deploy a few dozen orders ago has blocks of its own.
-- What led to what is followed through an order from cause to cause. A step is before another when it led to
-- it; or when of the two branches in which they lie, calls that one step made and waited for, the one was over
-- before the other began: it is the caller's own order, and such calls themselves count as led to by the earlier
-- ones (`beside`). Else when it began first (50 ms are nothing between two clocks).
-- An order that still waits for a step says nothing of its absence (`awaited`), and an order that failed
-- says nothing of what the failed step would have led to (`excused`).
-- Of a workflow the `words` most frequent steps are looked at, and of an order its first 100.
-- Fed by order_facts, maturity and orders; read by the learner (`propose`).
WITH
    horizons AS
    (
        SELECT workflow, toUnixTimestamp64Nano(max(m.mature_before)) AS mature_before
        FROM maturity AS m
        WHERE workflow IN {workflows:Array(String)}
        GROUP BY workflow
    ),
    sample AS MATERIALIZED
    (
        SELECT workflow, mature_before, times[n] AS since, arrayMap(r -> times[r], ranks) AS bounds
        FROM
        (
            SELECT workflow, mature_before, times, n, greatest(2, intDiv(n + 15, 16)) AS size,
                arraySort(arrayConcat(range(size, n, size), arrayFilter(r -> r < size, [25, 50, 100, 200, 400, 800]))) AS ranks
            FROM
            (
                SELECT workflow, any(h.mature_before) AS mature_before,
                    arrayReverseSort(groupArray(toUnixTimestamp64Nano(first_seen))) AS times,
                    least(length(times), {sampled:Array(UInt64)}[indexOf({workflows:Array(String)}, workflow)]) AS n
                FROM order_facts FINAL
                INNER JOIN horizons AS h USING (workflow)
                WHERE toUnixTimestamp64Nano(first_seen) < h.mature_before
                    AND toUnixTimestamp64Nano(last_seen) < {now:Int64} - 5000000000
                GROUP BY workflow
            )
        )
    ),
    taken AS MATERIALIZED
    (
        SELECT workflow, arrayCount(b -> at < b, bounds) AS block, ids, began, ended, led,
            arrayMap((role, cause) -> if(role IN ('serve', 'call'), cause, 0), roles, led) AS caller,
            -- how many calls of the same caller were over when it began
            arrayMap((cause, at) -> if(cause = 0, 0, arrayCount((c, e) -> c = cause AND e <= at, caller, ended)), led, began) AS phases,
            arrayFilter(level -> arrayMax(level) > 0, levels) AS above,
            -- the way to each step from its first cause, as far as it is known, told by phases: it sorts as the
            -- steps follow each other. Twice, the second with the steps of a phase turned round
            arrayMap(i -> if(levels[-1][i] > 0, [], arrayReverse(arrayFilter(a -> a > 0, arrayPushFront(arrayMap(level -> level[i], above), i)))), arrayEnumerate(ids)) AS ways,
            arrayMap(way -> arrayMap(a -> phases[a] * 256 + a, way), ways) AS upright,
            arrayMap(way -> arrayMap(a -> phases[a] * 256 + 255 - a, way), ways) AS turned,
            if(failed_order, failed, arrayMap(x -> false, failed)) AS excused, waiting,
            arrayFold((levels, _) -> arrayPushBack(levels, arrayMap(i -> led[i], levels[-1])),
                range(least(length(ids), 40)), [led]) AS levels
        FROM
        (
            SELECT workflow, order_id, toUnixTimestamp64Nano(first_seen) AS at, last_seen,
                arrayMap(s -> cityHash64(s), arraySlice(`steps.step`, 1, 100)) AS ids,
                arrayMap(t -> toUnixTimestamp64Nano(t), arraySlice(`steps.started`, 1, 100)) AS began,
                arrayMap(t -> toUnixTimestamp64Nano(t), arraySlice(`steps.ended`, 1, 100)) AS ended,
                arraySlice(`steps.role`, 1, 100) AS roles,
                arrayMap(c -> indexOf(arraySlice(`steps.step`, 1, 100), c), arraySlice(`steps.cause`, 1, 100)) AS led,
                arraySlice(`steps.failed`, 1, 100) AS failed
            FROM order_facts FINAL
            WHERE workflow IN {workflows:Array(String)}
        ) AS f
        INNER JOIN sample USING (workflow)
        LEFT JOIN
        (
            SELECT workflow, order_id, state = 'failed' AS failed_order,
                arrayMap(o -> cityHash64(o.1), arrayFilter(
                    o -> o.2 IN ('on_time', 'delayed', 'suspect', 'edge_stopped', 'no_telemetry'),
                    arrayZip(owed.step, owed.verdict))) AS waiting
            FROM orders FINAL
            WHERE state NOT IN ('completed', 'compensated')
        ) AS o USING (workflow, order_id)
        WHERE at >= since AND at < mature_before AND toUnixTimestamp64Nano(last_seen) < {now:Int64} - 5000000000
    ),
    named AS MATERIALIZED
    (
        SELECT f.workflow AS workflow, cityHash64(s.1) AS id, any(s.1) AS step, any(s.2) AS service, any(s.3) AS role,
            any(s.4) AS operation, any(s.5) AS destination
        FROM (SELECT * FROM order_facts INNER JOIN sample USING (workflow) WHERE toUnixTimestamp64Nano(first_seen) >= since) AS f
        ARRAY JOIN arrayZip(`steps.step`, `steps.service`, `steps.role`, `steps.operation`, `steps.destination`) AS s
        WHERE (workflow, cityHash64(s.1)) IN
        (
            SELECT workflow, id FROM taken ARRAY JOIN ids AS id
            GROUP BY workflow, id HAVING count() >= 3
            ORDER BY count() DESC, id LIMIT {words:UInt64} BY workflow
        )
        GROUP BY workflow, id
    ),
    counted AS
    (
        SELECT workflow, block, first, then, sum(both) AS both, sum(before) AS before, sum(led) AS led, sum(direct) AS direct,
            sum(beside) AS beside, sum(caused) AS caused, sum(excused) AS excused, sum(awaited) AS awaited
        FROM
        (
            -- both came; before by the ways to them, else by the clock
            SELECT workflow, block, x.1 AS first, y.1 AS then, 1 AS both,
                toInt64(multiIf(
                    empty(x.7) OR empty(y.7), x.2 <= y.2 + 50000000,
                    x.7 < y.7 AND x.8 < y.8, true,
                    x.7 > y.7 AND x.8 > y.8, false,
                    x.2 <= y.2 + 50000000)) AS before,
                toInt64(beside) AS led, toInt64(beside AND x.5 = y.5) AS direct,
                x.5 > 0 AND y.5 > 0 AND x.7 < y.7 AND x.8 < y.8 AND NOT startsWith(y.7, x.7) AS beside,
                toInt64(y.4 > 0) AS caused, toInt64(x.3) AS excused, 0 AS awaited
            FROM (SELECT workflow, block, arrayZip(ids, began, excused, led, caller, ended, upright, turned) AS steps FROM taken)
            ARRAY JOIN steps AS x
            ARRAY JOIN steps AS y
            UNION ALL
            -- one led to the other, whatever the clocks say
            SELECT workflow, block, e.1 AS a, e.2 AS b, 0, 0, 1, toInt64(level = 1), 0, 0, 0, 0
            FROM
            (
                SELECT workflow, block, level, arrayZip(arrayMap(i -> ids[i], up), ids) AS edges
                FROM taken ARRAY JOIN levels AS up, arrayEnumerate(levels) AS level
            )
            ARRAY JOIN edges AS e
            WHERE a != 0 AND a != b
            UNION ALL
            -- one came, the other may still come
            SELECT workflow, block, x.1, then, 0, 0, 0, 0, 0, 0, 0, toInt64(NOT x.2)
            FROM (SELECT workflow, block, arrayZip(ids, excused) AS steps, arrayFilter(id -> NOT has(ids, id), waiting) AS missing FROM taken WHERE notEmpty(waiting))
            ARRAY JOIN steps AS x
            ARRAY JOIN missing AS then
        )
        GROUP BY workflow, block, first, then
    )
SELECT
    c.workflow AS workflow, x.step AS first, y.step AS then, 
    y.service AS service, y.role AS role, y.operation AS operation, y.destination AS destination,
    blocks, both, before, led, direct, beside, caused, excused, awaited
FROM
(
    SELECT workflow, first, then, groupArray(block) AS blocks, groupArray(both) AS both, groupArray(before) AS before,
        sum(led) AS led, sum(direct) AS direct, sum(beside) AS beside, sum(caused) AS caused, groupArray(excused) AS excused, groupArray(awaited) AS awaited
    FROM counted
    GROUP BY workflow, first, then
) AS c
INNER JOIN named AS x ON x.workflow = c.workflow AND x.id = c.first
INNER JOIN named AS y ON y.workflow = c.workflow AND y.id = c.then
SETTINGS enable_materialized_cte = 1;
