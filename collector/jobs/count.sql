-- What the learner needs to know, counted: one row a pair of steps (after, step) of a workflow that may
-- be cause and effect. Over mature orders only (see `mature`), whatever became of them; and not while
-- their spans are coming in, when a consumer can be seen before what it consumed.
--
-- Orders that took `after` are cut into blocks of equal number in the order of their coming, a twelfth
-- of them each, at most 300: an outage spoils some blocks, a variant of the workflow all of them. So
-- blocks hold enough orders at any rate of traffic, which blocks of minutes don't.
-- An order that still waits, on time, behind a moving queue or at an edge that has stopped, is left out
-- of the counts before the blocks are cut: neither patience nor an outage is evidence that the step is no
-- longer expected. Nor is how long an outage held an order up a usual wait.
-- Pairs: steps of which one is known to have led to the other; and for steps whose cause is mostly
-- unknown, any earlier one (`direct` says how often the cause was seen).
WITH
    recent AS
    (
        SELECT workflow, order_id, first_seen, last_seen,
            arraySlice(arrayZip(`steps.step`, `steps.service`, `steps.role`, `steps.operation`, `steps.destination`,
                `steps.seen`, `steps.started`, `steps.cause`), 1, 100) AS steps
        FROM order_facts FINAL
        ORDER BY first_seen DESC
        LIMIT {orders:UInt64} BY workflow
    ),
    horizons AS
    (
        SELECT workflow, toUnixTimestamp64Nano(max(m.mature_before)) AS mature_before
        FROM maturity AS m GROUP BY workflow
    ),
    occurred AS
    (
        SELECT workflow, order_id,
            s.1 AS step, s.2 AS service, s.3 AS role, s.4 AS operation, s.5 AS destination,
            toUnixTimestamp64Nano(s.6) AS seen, toUnixTimestamp64Nano(s.7) AS started, s.8 AS cause
        FROM recent INNER JOIN horizons USING (workflow)
        ARRAY JOIN steps AS s
        WHERE toUnixTimestamp64Nano(first_seen) < mature_before
            AND toUnixTimestamp64Nano(last_seen) < {now:Int64} - 5000000000
    ),
    totals AS
    (
        SELECT workflow, step, count() AS orders, countIf(cause = '') AS causeless,
            any(service) AS service, any(role) AS role, any(operation) AS operation, any(destination) AS destination
        FROM occurred GROUP BY workflow, step
    ),
    pairs AS
    (
        SELECT workflow, cause AS after, step FROM occurred WHERE cause != '' GROUP BY workflow, after, step
        UNION DISTINCT
        SELECT a.workflow AS workflow, a.step AS after, b.step AS step
        FROM occurred AS a
        INNER JOIN occurred AS b ON a.workflow = b.workflow AND a.order_id = b.order_id
        INNER JOIN totals AS t ON t.workflow = b.workflow AND t.step = b.step
        WHERE t.causeless > 0.5 * t.orders AND a.step != b.step AND a.started <= b.started
        GROUP BY workflow, after, step
        HAVING count() >= 0.9 * any(t.orders)
    ),
    undecided AS
    (
        SELECT workflow, order_id, o.1 AS after, o.2 AS step
        FROM orders FINAL
        ARRAY JOIN arrayZip(`owed.after`, `owed.step`, `owed.verdict`) AS o
        WHERE state IN ('stuck', 'in_progress') AND o.3 != 'odd_order'
    ),
    tried AS
    (
        SELECT
            a.workflow AS workflow, a.step AS after, pairs.step AS step,
            b.step != '' AS came,
            b.cause = after AS led,
            came AND a.started <= b.started AS came_after,
            greatest(0, b.seen - a.seen) / 1e9 AS wait_s,
            (a.workflow, a.order_id, pairs.step) NOT IN
                (SELECT workflow, order_id, step FROM verdicts WHERE verdict = 'edge_stopped') AS usual,
            count() OVER (PARTITION BY workflow, after, step) AS total,
            intDiv(row_number() OVER (PARTITION BY workflow, after, step ORDER BY a.seen, a.order_id) - 1,
                greatest(2, least(300, intDiv(total, 12)))) AS block
        FROM occurred AS a
        INNER JOIN pairs ON pairs.workflow = a.workflow AND pairs.after = a.step
        LEFT JOIN occurred AS b ON b.workflow = a.workflow AND b.order_id = a.order_id AND b.step = pairs.step
        WHERE b.step != ''
            OR (a.workflow, a.order_id, a.step, pairs.step) NOT IN (SELECT workflow, order_id, after, step FROM undecided)
    ),
    taken AS
    (
        SELECT workflow, after, step, block,
            count() AS of,
            countIf(came) AS seen,
            countIf(led) AS direct,
            countIf(came_after) AS before,
            if(countIf(came AND usual) = 0, [nan, nan], quantilesExactIf(0.5, 0.99)(wait_s, came AND usual)) AS waits
        FROM tried
        GROUP BY workflow, after, step, block
    )
SELECT
    taken.workflow AS workflow,
    after,
    taken.step AS step,
    any(totals.service) AS service,
    any(totals.role) AS role,
    any(totals.operation) AS operation,
    any(totals.destination) AS destination,
    any(totals.orders) AS step_orders,
    any(totals.causeless) AS causeless,
    sum(direct) AS direct,
    sum(before) AS before,
    arrayMap(b -> b.2, arraySort(groupArray((block, taken.of))) AS blocks) AS block_of,
    arrayMap(b -> b.2, arraySort(groupArray((block, taken.seen)))) AS block_seen,
    arrayMap(b -> b.2, arraySort(groupArray((block, waits[1])))) AS block_median_s,
    arrayMap(b -> b.2, arraySort(groupArray((block, waits[2])))) AS block_p99_s
FROM taken
INNER JOIN totals ON totals.workflow = taken.workflow AND totals.step = taken.step
GROUP BY workflow, after, step
ORDER BY workflow, after, step;
