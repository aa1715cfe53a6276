-- The verdict on every unfinished order. This is the one place that decides an order's state; it is a
-- function of facts, model and now.
--
-- An order waits on an edge (rule, last step). Two clocks run, both the collector's:
--   waited   since it came there, and
--   passed   since an order that came there later got through (0 while none has)
-- and a wait that nobody watched (`paused_from` to `paused_to`: a restart, a sleeping machine) doesn't count.
--   odd_order     overtaken for too long: of the longest r overtaken ones on this edge at most the share
--                 `budget` can be chance (Benjamini-Hochberg on the survival of `passed` in mature orders,
--                 beyond them a Pareto tail), or thrice the longest ever; or later than declared, and
--                 overtaken. What was called odd within the last hour stays so while it waits
--   suspect       the same with five times the budget, or late and overtaken; or late, but the order went on
--                 from there by a step that the model doesn't know
--   edge_stopped  late, not overtaken, and nobody got through for longer than the limit and thrice the usual
--                 gap; where fewer than three are late, twice as late
--   delayed       late, but those before it are still getting through: a queue that moves
--   flow_changed  the orders here all go on by a step that the model doesn't know (see drift)
--   unconfirmed   odd, but nothing ever follows this step, and so many of its service's spans go missing
--   no_telemetry  late, and its service has never sent a span
-- A service whose telemetry came late in a burst within the last hour is granted that much more.
-- Declared rules hold from the first order on: a workflow that has some is never too young to judge.
INSERT INTO orders
WITH
    {now:Int64} AS now_ns,
    (since) -> greatest(0, now_ns - since - greatest(0, {paused_to:Int64} - greatest(since, {paused_from:Int64}))) / 1e9 AS watched_s,
    learned AS
    (
        SELECT workflow, mature_orders, dropped FROM models FINAL WHERE model_at = (SELECT max(model_at) FROM models)
    ),
    waiting AS
    (
        SELECT workflow, order_id, o, o.rule AS rule, o.last AS last, o.armed AS armed,
            toDateTime(intDiv(armed, 1000000000), 'UTC') AS armed_second
        FROM obligations FINAL
        ARRAY JOIN owed AS o
    ),
    usual AS
    (
        SELECT workflow, rule, source, seen, of, within_s, handover, median_s, p99_s, limit_s,
            NOT hasAny(`any_of.step`, groupUniqArrayArray(requires) OVER (PARTITION BY workflow)) AS leaf
        FROM rules FINAL WHERE model_at = (SELECT max(model_at) FROM models)
    ),
    edges AS
    (
        SELECT workflow, rule, last, n, armed_per_s, median_s, p99_s, limit_s, gap_s, late, tail
        FROM waits FINAL WHERE model_at = (SELECT max(model_at) FROM models)
    ),
    overtaken AS
    (
        SELECT workflow, rule, last, armed,
            toUnixTimestamp64Nano(min(first_done) OVER (
                PARTITION BY workflow, rule, last ORDER BY armed ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)) AS passed_at
        FROM (SELECT workflow, rule, last, armed, min(first_done) AS first_done FROM passes GROUP BY workflow, rule, last, armed)
    ),
    drifted AS
    (
        SELECT workflow, rule, last, min(since) AS since, toUnixTimestamp64Nano(max(at)) AS at FROM drifts GROUP BY workflow, rule, last
    ),
    belated AS
    (
        SELECT service, max(longest_s) AS allowance_s
        FROM
        (
            SELECT service, at, max(l.longest_s) AS longest_s
            FROM lateness AS l
            WHERE at > fromUnixTimestamp64Nano({now:Int64}, 'UTC') - INTERVAL 1 HOUR
            GROUP BY service, at
            HAVING uniqCombinedMerge(late) >= 3 AND uniqCombinedMerge(late) * 2 >= uniqCombinedMerge(steps)
        )
        GROUP BY service
    ),
    latest AS
    (
        -- when somebody last got through, and the longest of the last gaps between two, idle time left out
        SELECT workflow, rule, last, toUnixTimestamp64Nano(max(done)) AS last_pass,
            arrayMax(arrayMap((d, before, a) -> d - greatest(before, a), dones, arrayPopFront(arrayPushBack(dones, dones[-1])), arms)) AS recent_gap,
            arrayMap(x -> toUnixTimestamp64Nano(x.1) / 1e9, arrayReverseSort(groupArray(10)((done, armed)))) AS dones,
            arrayMap(x -> toUnixTimestamp(x.2), arrayReverseSort(groupArray(10)((done, armed)))) AS arms
        FROM
        (
            SELECT workflow, rule, last, armed, max(last_done) AS done
            FROM passes GROUP BY workflow, rule, last, armed
            ORDER BY done DESC LIMIT 10 BY workflow, rule, last
        )
        GROUP BY workflow, rule, last
    ),
    clocked AS
    (
        SELECT
            w.workflow AS workflow, w.order_id AS order_id, w.rule AS rule, w.last AS last, w.armed AS armed, w.o AS o,
            u.seen AS seen, u.of AS of, u.leaf AS leaf, u.source = 'declared' AS declared,
            if(e.n > 0, e.median_s, u.median_s) AS median_s,
            if(e.n > 0, e.p99_s, u.p99_s) AS p99_s,
            multiIf(u.within_s > 0 AND NOT has(u.handover, w.last), u.within_s, e.limit_s > 0, e.limit_s, u.limit_s) AS limit_s,
            if(u.within_s > 0, if(has(u.handover, w.last), e.limit_s, u.within_s), 0.) AS within_s,
            e.gap_s AS gap_s, e.late AS late, e.n AS n, e.armed_per_s AS armed_per_s,
            -- what few orders show of their tail isn't all of it
            greatest(e.tail, least(0.5, 0.5 * sqrt(300 / greatest(e.n, 1)))) AS tail,
            b.allowance_s AS allowance_s,
            watched_s(w.armed) AS waited,
            if(ahead.passed_at > 0, greatest(0., watched_s(greatest(ahead.passed_at, w.armed)) - b.allowance_s), 0.) AS passed,
            l.last_pass AS last_pass, l.recent_gap AS recent_gap,
            d.at > l.last_pass AND w.armed >= d.since AS changed_flow,
            m.dropped[w.o.service] AS dropped
        FROM waiting AS w
        INNER JOIN usual AS u ON u.workflow = w.workflow AND u.rule = w.rule
        LEFT JOIN edges AS e ON e.workflow = w.workflow AND e.rule = w.rule AND e.last = w.last
        LEFT JOIN belated AS b ON b.service = w.o.service
        LEFT JOIN drifted AS d ON d.workflow = w.workflow AND d.rule = w.rule AND d.last = w.last
        LEFT JOIN learned AS m ON m.workflow = w.workflow
        LEFT JOIN latest AS l ON l.workflow = w.workflow AND l.rule = w.rule AND l.last = w.last
        ASOF LEFT JOIN overtaken AS ahead ON ahead.workflow = w.workflow AND ahead.rule = w.rule AND ahead.last = w.last AND ahead.armed > w.armed_second
    ),
    ranked AS
    (
        SELECT
            *,
            row_number() OVER (PARTITION BY workflow, rule, last ORDER BY passed DESC, order_id) AS r,
            min(armed) OVER (PARTITION BY workflow, rule, last) AS oldest,
            countIf(waited > limit_s) OVER (PARTITION BY workflow, rule, last) AS late_here,
            greatest(armed_per_s * 900, toFloat64(count() OVER (PARTITION BY workflow, rule, last))) AS arrivals
        FROM clocked
    ),
    expected AS
    (
        -- how many of those that came to wait here in the last quarter of an hour would by chance still be
        -- overtaken for so long; `late` holds the longest only: what is shorter than those is usual
        SELECT *, arrivals * multiIf(
            passed < late[-1] AND n > length(late), 1,
            passed > greatest(late[1], 0.5), pow(greatest(late[1], 0.5) / passed, 1 / tail) / (n + 1),
            (arrayCount(v -> v >= passed, late) + 1) / (n + 1)) AS by_chance
        FROM ranked
    ),
    weighed AS
    (
        SELECT
            *,
            max(if(by_chance <= {budget:Float64} * r, r, 0)) OVER (PARTITION BY workflow, rule, last) AS odd_upto,
            max(if(by_chance <= 5 * {budget:Float64} * r, r, 0)) OVER (PARTITION BY workflow, rule, last) AS suspect_upto
        FROM expected
    ),
    called AS
    (
        SELECT
            *,
            multiIf(
                changed_flow, 'flow_changed',
                o.diagnosis = 'no_telemetry', if(waited > limit_s, 'no_telemetry', 'on_time'),
                o.aside, if(waited > limit_s, 'suspect', 'on_time'),
                passed >= {floor_s:Float64} AND n >= {min_orders:UInt64} AND (within_s = 0 OR waited > within_s)
                    AND (r <= odd_upto OR passed > 3 * late[1] + limit_s
                        OR (workflow, order_id, o.step) IN (SELECT workflow, order_id, step FROM verdicts
                            WHERE verdict = 'odd_order' AND at > fromUnixTimestamp64Nano({now:Int64}, 'UTC') - INTERVAL 1 HOUR)),
                    if(leaf AND odd_upto <= 2 * dropped * arrivals, 'unconfirmed', 'odd_order'),
                waited > limit_s + allowance_s AND passed > 0 AND within_s > 0, 'odd_order',
                waited > limit_s * if(late_here < 3, 2, 1) + allowance_s AND passed = 0 AND (n >= {min_orders:UInt64} OR declared)
                    AND watched_s(greatest(last_pass, oldest)) >= allowance_s + greatest(limit_s, 10., 3 * gap_s, 3 * recent_gap), 'edge_stopped',
                passed >= {floor_s:Float64} AND n > 0 AND r <= suspect_upto AND waited > within_s, 'suspect',
                waited > limit_s, if(passed > 0, 'suspect', 'delayed'),
                'on_time') AS verdict
        FROM weighed
    ),
    weighty AS
    (
        SELECT workflow, order_id, arraySort(x -> (x.expected_by, x.step), groupArray(tuple(
            rule, o.step AS step, o.service AS service, o.role AS role, o.operation AS operation,
            o.destination AS destination, o.any_of AS any_of, last AS after, o.since AS since,
            fromUnixTimestamp64Nano(armed + toInt64(limit_s * 1e9), 'UTC') AS expected_by, verdict, o.diagnosis AS diagnosis,
            if(o.diagnosis = 'never_sent' AND NOT o.undo AND o.role IN ('process', 'receive', 'serve'), o.last_service, o.service) AS owing,
            o.critical AS critical, o.undo AS undo, seen, of, median_s, p99_s))) AS o
        FROM called
        GROUP BY workflow, order_id
    ),
    seen_before AS
    (
        SELECT workflow, order_id, (state, verdict, step, arrayZip(owed.step, owed.verdict)) AS old
        FROM orders FINAL
        WHERE (workflow, order_id) IN (SELECT workflow, order_id FROM obligations FINAL)
    ),
    facts AS
    (
        SELECT f.workflow AS workflow, f.order_id AS order_id, f.version AS facts_version, about, failure, old,
            -- once an order is being undone nothing else is expected of it
            if(undoing, arrayFilter(x -> x.undo, w.o), w.o) AS o,
            now_ns - toUnixTimestamp64Nano(about.last_seen) > 2000000000 AS quiet,
            sampled, undoing, dead, ended_well AND quiet AS well, ended_badly AND quiet AS badly,
            failure.step != '' AND (dead OR now_ns - failure.seen > failure.patience) AS given_up,
            learned.mature_orders < {min_orders:UInt64} AND NOT declared AS cold
        FROM (SELECT * FROM obligations FINAL) AS f
        LEFT JOIN weighty AS w ON w.workflow = f.workflow AND w.order_id = f.order_id
        LEFT JOIN learned ON learned.workflow = f.workflow
        LEFT JOIN seen_before AS s ON s.workflow = f.workflow AND s.order_id = f.order_id
    ),
    split AS
    (
        SELECT workflow, order_id, facts_version, about, failure, old, o, quiet, sampled, undoing, dead, well, badly, given_up, cold,
            arrayFilter(x -> x.critical, o) AS open,
            arrayFilter(x -> x.critical AND x.verdict IN ('odd_order', 'edge_stopped'), o) AS late,
            arrayMap(x -> x.verdict, arrayFilter(x -> x.critical, o)) AS words,
            if(empty(o), '', 'with_gaps') AS gaps,
            countEqual(arrayMap(x -> x.verdict IN ('odd_order', 'edge_stopped'), o), 0) = 0 AS settled
        FROM facts
    ),
    judged AS
    (
        SELECT workflow, order_id, facts_version, about, failure, old, o,
            splitByChar(' ', multiIf(
                sampled AND notEmpty(late), 'unknown sampled',
                undoing AND notEmpty(late), 'stuck compensation_stuck',
                undoing AND has(words, 'delayed'), 'compensating delayed',
                undoing AND (notEmpty(open) OR NOT quiet), 'compensating on_time',
                undoing, 'compensated ',
                badly, 'failed declared',
                well, concat('completed ', gaps),
                given_up OR (dead AND notEmpty(late)), 'failed dead',
                has(words, 'edge_stopped'), 'stuck edge_stopped',
                notEmpty(late), 'stuck odd_order',
                has(words, 'no_telemetry'), 'unknown no_telemetry',
                has(words, 'unconfirmed'), 'unknown unconfirmed',
                has(words, 'flow_changed'), 'in_progress flow_changed',
                has(words, 'suspect'), 'in_progress suspect',
                has(words, 'delayed'), 'in_progress delayed',
                notEmpty(open) OR failure.step != '', 'in_progress on_time',
                cold, 'unknown cold',
                quiet AND settled, concat('completed ', gaps),
                'in_progress on_time')) AS word,
            if(notEmpty(late), late[1], if(notEmpty(open), open[1], o[1])) AS first
        FROM split
    ),
    named AS
    (
        SELECT workflow, order_id, facts_version, about, failure, old, o, word, first,
            multiIf(
                word[1] = 'failed' AND failure.step != '', (failure.step, failure.service, 'failed', failure.error),
                word[1] IN ('completed', 'compensated') OR empty(o), (about.step, about.service, '', ''),
                word[1] = 'stuck', (first.step, first.owing, first.diagnosis, ''),
                (first.step, first.service, '', '')) AS place
        FROM judged
    )
SELECT
    workflow,
    order_id,
    word[1] AS state,
    word[2] AS verdict,
    about.started AS started,
    about.ended AS ended,
    multiIf(
        word[1] = 'failed' AND failure.step != '', fromUnixTimestamp64Nano(failure.seen, 'UTC'),
        word[1] = 'stuck', first.expected_by,
        word[1] IN ('completed', 'compensated', 'failed'), about.last_seen,
        about.started) AS state_since,
    place.1 AS step,
    place.2 AS service,
    place.3 AS diagnosis,
    place.4 AS error,
    if(place.3 = '', '', lower(hex(sipHash64(workflow, place.1, place.3, splitByString(': ', place.4)[1])))) AS cause_id,
    about.span_count AS span_count,
    about.trace_count AS trace_count,
    about.services AS services,
    about.trivial AS trivial,
    o AS owed,
    (word[1], word[2], place.1) != (old.1, old.2, old.3) AS changed,
    fromUnixTimestamp64Nano(now_ns, 'UTC') AS judged_at,
    {version:UInt64} AS version,
    toUInt8(0) AS deleted
FROM named
WHERE facts_version >= {since:UInt64} OR (word[1], word[2], place.1, arrayZip(o.step, o.verdict)) != old
SETTINGS enable_named_columns_in_function_tuple = 1;
