-- Whether what unfinished orders owe is late, and what that means; written where it isn't what was said before.
-- It is the same for all orders that wait on an edge (rule, last step) but for two clocks, both the collector's:
--   waited   since the order came there, and
--   passed   since an order that came there later got through (0 while none has)
-- and a wait that nobody watched (`paused_from` to `paused_to`: a restart, a sleeping machine) doesn't count.
--   odd_order     overtaken for too long: of the longest r overtaken ones on this edge at most the share
--                 `budget` can be chance (Benjamini-Hochberg on the survival of `passed` in mature orders,
--                 beyond them a Pareto tail, and on how many spans come that late), or thrice the longest ever,
--                 and the more the fewer orders are known; or later than declared, and overtaken. What was called odd within the last hour stays
--                 so while it waits
--   suspect       the same with five times the budget, or late and overtaken; or late, but the order went on
--                 from there by a step that the model doesn't know
--   edge_stopped  late, not overtaken, and nobody got through for longer than the limit and thrice the usual
--                 gap; where fewer than three are late, twice as late
--   delayed       late, but those before it are still getting through: a queue that moves
--   flow_changed  the orders here all go on by a step that the model doesn't know (see drift)
--   unconfirmed   odd, but nothing ever follows this step, and so many of its service's spans go missing
--   no_telemetry  late, and its service has never sent a span; or orders are seen to have gone on from there,
--                 again and again, and no step of theirs here is: the service works, its telemetry is missing
-- A service whose telemetry came late in a burst within the last hour is granted that much more.
-- Hundreds of thousands may wait: all is known of their edge before each is looked at, and few stay to be ranked.
INSERT INTO overdue
WITH
    {now:Int64} AS now_ns,
    (since) -> greatest(0, now_ns - since - greatest(0, {paused_to:Int64} - greatest(since, {paused_from:Int64}))) / 1e9 AS watched_s,
    waiting AS MATERIALIZED
    (
        SELECT workflow, order_id, o.1 AS rule, o.2 AS last, o.3 AS armed, o.4 AS diagnosis, o.5 AS aside, o.6 AS step, o.7 AS service,
            cityHash64(workflow, rule, last) AS edge, toDateTime(intDiv(armed, 1000000000), 'UTC') AS armed_second
        FROM obligations FINAL
        ARRAY JOIN arrayZip(owed.rule, owed.last, owed.armed, owed.diagnosis, owed.aside, owed.step, owed.service) AS o
    ),
    occupied AS MATERIALIZED
    (
        SELECT edge, any(w.workflow) AS workflow, any(w.rule) AS rule, any(w.last) AS last, any(w.service) AS service,
            min(armed) AS oldest, count() AS here
        FROM waiting AS w
        GROUP BY edge
    ),
    passing AS MATERIALIZED
    (
        SELECT cityHash64(workflow, rule, last) AS edge, armed,
            toUnixTimestamp64Nano(min(first_done)) AS first_ns, toUnixTimestamp64Nano(max(last_done)) AS done,
            toUnixTimestamp64Nano(max(p.implied)) AS implied
        FROM passes AS p
        WHERE (workflow, rule, last) IN (SELECT workflow, rule, last FROM occupied)
        GROUP BY workflow, rule, last, armed
    ),
    arrayMap(k -> 3 * pow(1.15, k), range(40)) AS times_s,
    arrayMap(v -> 0, times_s) AS nobody,
    heard AS MATERIALIZED
    (
        SELECT service, maxIf(longest_s, burst) AS allowance_s, sumIf(n, NOT burst) AS n,
            arrayMap(v -> arrayCount(t -> t > v, arrayFlatten(groupArrayIf(tardy_s, NOT burst))), times_s) AS tardy
        FROM
        (
            SELECT service, max(l.longest_s) AS longest_s, uniqCombinedMerge(steps) AS n,
                arrayMap(t -> t.2, groupUniqArrayArray(100)(l.tardy)) AS tardy_s,
                uniqCombinedMerge(late) AS tardies, tardies >= 3 AND tardies * 2 >= n AS burst
            FROM lateness AS l
            WHERE at > fromUnixTimestamp64Nano({now:Int64}, 'UTC') - INTERVAL 1 HOUR
            GROUP BY service, at
        )
        GROUP BY service
    ),
    anybody AS
    (
        -- the share of all spans that come later than that; of few it is supposed that hardly any does
        SELECT arrayMap((t, v) -> (t + 0.5 * pow(3 / v, 2)) / (of + 500), if(of = 0, nobody, late), times_s) AS tardy
        FROM (SELECT sum(n) AS of, sumForEach(h.tardy) AS late FROM heard AS h)
    ),
    latest AS
    (
        -- when somebody last got through, and the longest of the last gaps between two, idle time left out
        SELECT edge, max(done) AS last_pass,
            arrayMax(arrayMap((d, before, a) -> d - greatest(before, a), dones, arrayPopFront(arrayPushBack(dones, dones[-1])), arms)) AS recent_gap,
            arrayMap(x -> x.1 / 1e9, arrayReverseSort(groupArray(10)((done, armed)))) AS dones,
            arrayMap(x -> toUnixTimestamp(x.2), arrayReverseSort(groupArray(10)((done, armed)))) AS arms
        FROM (SELECT edge, armed, done FROM passing WHERE done > 0 ORDER BY done DESC LIMIT 10 BY edge)
        GROUP BY edge
    ),
    untold AS
    (
        -- edges past which orders are known to have gone for some time now, only none of their steps is seen
        SELECT edge
        FROM (SELECT edge, implied, max(done) OVER (PARTITION BY edge) AS last_pass FROM passing)
        WHERE implied > last_pass + 5000000000
        GROUP BY edge
        HAVING count() >= 2
    ),
    edges AS MATERIALIZED
    (
        SELECT
            p.edge AS edge, p.oldest AS oldest, p.here AS here,
            u.leaf AS leaf, u.source = 'declared' AS declared,
            multiIf(u.within_s > 0 AND NOT has(u.handover, p.last), u.within_s, e.limit_s > 0, e.limit_s, u.limit_s) AS limit_s,
            if(u.within_s > 0, if(has(u.handover, p.last), e.limit_s, u.within_s), 0.) AS within_s,
            e.gap_s AS gap_s, e.late AS late, e.n AS n,
            greatest(e.armed_per_s * 900, toFloat64(here)) AS arrivals,
            -- what few orders show of their tail isn't all of it
            greatest(e.tail, least(0.5, 0.5 * sqrt(300 / greatest(e.n, 1)))) AS tail,
            -- only the longest are known: what is shorter than those is usual
            if(e.n > length(e.late), e.late[-1], 0) AS usual_s,
            b.allowance_s AS allowance_s,
            -- the share of orders that get through and aren't seen to for so long: the step's span is late, or
            -- lost, and nothing that follows shows it
            arrayMap((late, any, u) -> (late + 300 * any) / (b.n + 300) * u + dropped * greatest(0, u - e.endless),
                if(empty(b.tardy), nobody, b.tardy), (SELECT tardy FROM anybody),
                if(empty(e.unfollowed), arrayMap(v -> 1, times_s), e.unfollowed)) AS unseen,
            l.last_pass AS last_pass, l.recent_gap AS recent_gap,
            if(d.at > l.last_pass, d.since, 9223372036854775807) AS changed_since,
            p.edge IN (SELECT edge FROM untold) AS untold,
            m.dropped[p.service] AS dropped
        FROM occupied AS p
        INNER JOIN
        (
            SELECT workflow, rule, source, within_s, handover, limit_s,
                NOT hasAny(`any_of.step`, groupUniqArrayArray(requires) OVER (PARTITION BY workflow)) AS leaf
            FROM rules FINAL WHERE model_at = (SELECT max(model_at) FROM models)
        ) AS u ON u.workflow = p.workflow AND u.rule = p.rule
        LEFT JOIN
        (
            SELECT workflow, rule, last, n, armed_per_s, limit_s, gap_s, late, tail, unfollowed, endless
            FROM waits FINAL WHERE model_at = (SELECT max(model_at) FROM models)
        ) AS e ON e.workflow = p.workflow AND e.rule = p.rule AND e.last = p.last
        LEFT JOIN heard AS b ON b.service = p.service
        LEFT JOIN
        (
            SELECT cityHash64(workflow, rule, last) AS edge, min(drifts.since) AS since, toUnixTimestamp64Nano(max(drifts.at)) AS at
            FROM drifts GROUP BY workflow, rule, last
        ) AS d ON d.edge = p.edge
        LEFT JOIN (SELECT workflow, dropped FROM models FINAL WHERE model_at = (SELECT max(model_at) FROM models)) AS m ON m.workflow = p.workflow
        LEFT JOIN latest AS l ON l.edge = p.edge
    ),
    clocked AS
    (
        SELECT
            w.workflow AS workflow, w.order_id AS order_id, w.rule AS rule, w.step AS step, w.diagnosis AS diagnosis, w.aside AS aside,
            e.edge AS edge, watched_s(w.armed) AS waited,
            if(ahead.passed_at > 0, greatest(0., watched_s(greatest(ahead.passed_at, w.armed)) - allowance_s), 0.) AS passed,
            w.armed >= changed_since AS changed_flow
        FROM waiting AS w
        INNER JOIN (SELECT edge, limit_s, usual_s, n, allowance_s, changed_since FROM edges) AS e ON e.edge = w.edge
        ASOF LEFT JOIN
        (
            SELECT edge, armed, min(first_ns) OVER (PARTITION BY edge ORDER BY armed ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS passed_at
            FROM passing
        ) AS ahead ON ahead.edge = w.edge AND ahead.armed > w.armed_second
        WHERE waited > limit_s OR changed_flow OR (passed >= {floor_s:Float64} AND passed >= usual_s AND n > 0)
    ),
    ranked AS
    (
        SELECT
            *,
            row_number() OVER (PARTITION BY edge ORDER BY passed DESC, order_id) AS r,
            countIf(waited > limit_s) OVER (PARTITION BY edge) AS late_here,
            -- how many of those that came to wait here in the last quarter of an hour would by chance still be
            -- overtaken for so long
            arrivals * unseen[greatest(1, arrayCount(v -> v <= passed, times_s))] AS unseen_by_chance,
            unseen_by_chance + arrivals * multiIf(
                passed < usual_s, 1,
                passed > greatest(late[1], 0.5), pow(greatest(late[1], 0.5) / passed, 1 / tail) / (n + 1),
                (arrayCount(v -> v >= passed, late) + 1) / (n + 1)) AS by_chance
        FROM clocked
        INNER JOIN edges USING (edge)
    ),
    weighed AS
    (
        SELECT
            *,
            max(if(by_chance <= {budget:Float64} * r, r, 0)) OVER (PARTITION BY edge) AS odd_upto,
            max(if(by_chance <= 5 * {budget:Float64} * r, r, 0)) OVER (PARTITION BY edge) AS suspect_upto
        FROM ranked
    ),
    called AS
    (
        SELECT
            workflow, order_id, rule,
            multiIf(
                changed_flow, 'flow_changed',
                diagnosis = 'no_telemetry', if(waited > limit_s, 'no_telemetry', 'on_time'),
                aside, if(waited > limit_s, 'suspect', 'on_time'),
                passed >= {floor_s:Float64} AND n >= {min_orders:UInt64} AND (within_s = 0 OR waited > within_s)
                    AND (r <= odd_upto
                        OR (passed > (3 * late[1] + limit_s) * greatest(1, 1000 / n) AND unseen_by_chance <= {budget:Float64} * r)
                        OR (workflow, order_id, step) IN (SELECT workflow, order_id, step FROM verdicts
                            WHERE verdict = 'odd_order' AND at > fromUnixTimestamp64Nano({now:Int64}, 'UTC') - INTERVAL 1 HOUR)),
                    if(leaf AND odd_upto <= 2 * dropped * arrivals, 'unconfirmed', 'odd_order'),
                waited > limit_s + allowance_s AND passed > 0 AND within_s > 0, 'odd_order',
                untold AND waited > limit_s, 'no_telemetry',
                waited > limit_s * if(late_here < 3, 2, 1) + allowance_s AND passed = 0 AND (n >= {min_orders:UInt64} OR declared)
                    AND watched_s(greatest(last_pass, oldest)) >= allowance_s + greatest(limit_s, 10., 3 * gap_s, 3 * recent_gap), 'edge_stopped',
                passed >= {floor_s:Float64} AND n > 0 AND r <= suspect_upto AND waited > within_s, 'suspect',
                waited > limit_s, if(passed > 0, 'suspect', 'delayed'),
                'on_time') AS verdict
        FROM weighed
    )
SELECT workflow, order_id, CAST(arraySort(groupArrayIf((rule, verdict), NOT before)), 'Map(String, String)') AS said,
    {version:UInt64} AS version, toUInt8(empty(said)) AS deleted
FROM
(
    SELECT workflow, order_id, toString(rule) AS rule, verdict, false AS before FROM called WHERE verdict != 'on_time'
    UNION ALL
    SELECT workflow, order_id, rule, verdict, true
    FROM overdue FINAL
    ARRAY JOIN mapKeys(said) AS rule, mapValues(said) AS verdict
)
GROUP BY workflow, order_id
HAVING arraySort(groupArrayIf((rule, verdict), NOT before)) != arraySort(groupArrayIf((rule, verdict), before))
SETTINGS enable_materialized_cte = 1;
