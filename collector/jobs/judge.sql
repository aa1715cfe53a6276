-- The verdict on every unfinished order. This is the one place that decides an order's state; it is a
-- function of facts, model and now.
--
-- An order waits on an edge (rule, last step). Two clocks run, both the collector's:
--   waited   since it came there, and
--   passed   since an order that came there later got through (0 while none has)
-- and a wait that nobody watched (`paused_from` to `paused_to`: a restart, a sleeping machine) doesn't count.
--   odd_order     overtaken for too long: of the longest r overtaken ones on this edge at most the share
--                 `budget` can be chance (Benjamini-Hochberg on the survival of `passed` in mature orders,
--                 beyond them a Pareto tail); or later than declared, and overtaken
--   suspect       the same with five times the budget
--   edge_stopped  late, not overtaken, and nobody got through for longer than the limit and thrice the usual gap
--   delayed       late, but those before it are still getting through: a queue that moves
-- Declared rules hold from the first order on: a workflow that has some is never too young to judge.
INSERT INTO orders
WITH
    {now:Int64} AS now_ns,
    (since) -> greatest(0, now_ns - since - greatest(0, {paused_to:Int64} - greatest(since, {paused_from:Int64}))) / 1e9 AS watched_s,
    waiting AS
    (
        SELECT workflow, order_id, o, o.rule AS rule, o.last AS last, o.armed AS armed,
            toDateTime(intDiv(armed, 1000000000), 'UTC') AS armed_second
        FROM obligations FINAL
        ARRAY JOIN owed AS o
    ),
    usual AS
    (
        SELECT r.workflow AS workflow, r.rule AS rule, r.seen AS seen, r.of AS of, r.source AS source, r.within_s AS within_s,
            r.median_s AS rule_median_s, r.p99_s AS rule_p99_s, r.limit_s AS rule_limit_s
        FROM (SELECT * FROM rules FINAL WHERE model_at = (SELECT max(model_at) FROM models)) AS r
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
            u.seen AS seen, u.of AS of, u.source AS source,
            if(e.n > 0, e.median_s, u.rule_median_s) AS median_s,
            if(e.n > 0, e.p99_s, u.rule_p99_s) AS p99_s,
            multiIf(u.within_s > 0, u.within_s, e.n > 0, e.limit_s, u.rule_limit_s) AS limit_s,
            u.within_s AS within_s, e.gap_s AS gap_s, e.late AS late, e.n AS n, e.armed_per_s AS armed_per_s,
            if(e.tail > 0, e.tail, 0.3) AS tail,
            watched_s(w.armed) AS waited,
            if(ahead.passed_at > 0, watched_s(greatest(ahead.passed_at, w.armed)), 0) AS passed,
            l.last_pass AS last_pass, l.recent_gap AS recent_gap
        FROM waiting AS w
        INNER JOIN usual AS u ON u.workflow = w.workflow AND u.rule = w.rule
        LEFT JOIN edges AS e ON e.workflow = w.workflow AND e.rule = w.rule AND e.last = w.last
        LEFT JOIN latest AS l ON l.workflow = w.workflow AND l.rule = w.rule AND l.last = w.last
        ASOF LEFT JOIN overtaken AS ahead ON ahead.workflow = w.workflow AND ahead.rule = w.rule AND ahead.last = w.last AND ahead.armed > w.armed_second
    ),
    ranked AS
    (
        SELECT
            *,
            row_number() OVER (PARTITION BY workflow, rule, last ORDER BY passed DESC, order_id) AS r,
            min(armed) OVER (PARTITION BY workflow, rule, last) AS oldest,
            count() OVER (PARTITION BY workflow, rule, last) AS here
        FROM clocked
    ),
    expected AS
    (
        -- how many of those that came to wait here in the last quarter of an hour would by chance still be
        -- overtaken for so long
        SELECT *, greatest(armed_per_s * 900, toFloat64(here)) * if(passed > greatest(late[1], 0.5),
            pow(greatest(late[1], 0.5) / passed, 1 / tail) / (n + 1),
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
                passed >= {floor_s:Float64} AND n > 0 AND r <= odd_upto AND (within_s = 0 OR waited > within_s), 'odd_order',
                waited > limit_s AND passed > 0 AND (n = 0 OR within_s > 0), 'odd_order',
                waited > limit_s AND passed = 0
                    AND watched_s(greatest(last_pass, oldest)) >= greatest(limit_s, 10., 3 * gap_s, 3 * recent_gap), 'edge_stopped',
                passed >= {floor_s:Float64} AND n > 0 AND r <= suspect_upto, 'suspect',
                waited > limit_s, 'delayed',
                'on_time') AS verdict
        FROM weighed
    ),
    weighty AS
    (
        SELECT workflow, order_id, arraySort(x -> (x.expected_by, x.step), groupArray(tuple(
            rule, o.step AS step, o.service AS service, o.role AS role, o.operation AS operation,
            o.destination AS destination, o.any_of AS any_of, last AS after, o.since AS since,
            fromUnixTimestamp64Nano(armed + toInt64(limit_s * 1e9), 'UTC') AS expected_by, verdict, o.diagnosis AS diagnosis,
            if(o.diagnosis = 'never_sent' AND o.role IN ('process', 'receive', 'serve'), o.last_service, o.service) AS owing,
            o.critical AS critical, o.undo AS undo, seen, of, median_s, p99_s))) AS o
        FROM called
        GROUP BY workflow, order_id
    ),
    learned AS
    (
        SELECT workflow, mature_orders FROM models FINAL WHERE model_at = (SELECT max(model_at) FROM models)
    ),
    seen_before AS
    (
        SELECT workflow, order_id, state AS old_state, verdict AS old_verdict, step AS old_step,
            arrayZip(owed.step, owed.verdict) AS old_owing
        FROM orders FINAL
        WHERE (workflow, order_id) IN (SELECT workflow, order_id FROM obligations FINAL)
    ),
    facts AS
    (
        SELECT f.workflow AS workflow, f.order_id AS order_id, started, ended, last_seen, span_count, trace_count, services, trivial, sampled,
            declared, ended_well, ended_badly, last_step, last_service, failed_step, failed_service, failed_error, failed_seen, dead,
            undoing, f.version AS facts_version,
            -- once an order is being undone nothing else is expected of it
            if(undoing, arrayFilter(x -> x.undo, w.o), w.o) AS o,
            failed_step != '' AND (dead OR now_ns - failed_seen > patience) AS given_up,
            now_ns - toUnixTimestamp64Nano(last_seen) > 2000000000 AS quiet,
            learned.mature_orders < {min_orders:UInt64} AND NOT declared AS cold,
            s.old_state AS old_state, s.old_verdict AS old_verdict, s.old_step AS old_step, s.old_owing AS old_owing
        FROM (SELECT * FROM obligations FINAL) AS f
        LEFT JOIN weighty AS w ON w.workflow = f.workflow AND w.order_id = f.order_id
        LEFT JOIN learned ON learned.workflow = f.workflow
        LEFT JOIN seen_before AS s ON s.workflow = f.workflow AND s.order_id = f.order_id
    ),
    split AS
    (
        SELECT *, arrayFilter(x -> x.critical, o) AS open, arrayMap(x -> x.verdict, open) AS words,
            arrayFilter(x -> x.verdict IN ('odd_order', 'edge_stopped'), open) AS late
        FROM facts
    ),
    judged AS
    (
        SELECT
            *,
            multiIf(
                sampled AND notEmpty(late), ('unknown', 'sampled'),
                undoing AND notEmpty(late), ('stuck', 'compensation_stuck'),
                undoing AND notEmpty(open), ('compensating', if(has(words, 'delayed'), 'delayed', 'on_time')),
                undoing AND quiet, ('compensated', ''),
                undoing, ('compensating', 'on_time'),
                ended_badly AND quiet, ('failed', 'declared'),
                ended_well AND quiet, ('completed', if(empty(o), '', 'with_gaps')),
                given_up, ('failed', 'dead'),
                dead AND notEmpty(late), ('failed', 'dead'),
                notEmpty(late), ('stuck', if(has(words, 'edge_stopped'), 'edge_stopped', 'odd_order')),
                notEmpty(open), ('in_progress', multiIf(has(words, 'suspect'), 'suspect', has(words, 'delayed'), 'delayed', 'on_time')),
                failed_step != '', ('in_progress', 'on_time'),
                cold, ('unknown', 'cold'),
                arrayExists(x -> x.verdict NOT IN ('odd_order', 'edge_stopped'), o), ('in_progress', 'on_time'),
                quiet, ('completed', if(empty(o), '', 'with_gaps')),
                ('in_progress', 'on_time')) AS word,
            if(notEmpty(late), late[1], if(notEmpty(open), open[1], o[1])) AS first_owed
        FROM split
    ),
    named AS
    (
        SELECT
            *,
            multiIf(
                state = 'failed' AND failed_step != '', (failed_step, failed_service, 'failed', failed_error),
                state NOT IN ('completed', 'compensated') AND notEmpty(o), (first_owed.step, first_owed.service, if(state = 'stuck', first_owed.diagnosis, ''), ''),
                (last_step, last_service, '', '')) AS place
        FROM (SELECT *, word.1 AS state, word.2 AS verdict FROM judged)
    )
SELECT
    workflow,
    order_id,
    state,
    verdict,
    started,
    ended,
    multiIf(
        state = 'failed' AND failed_seen > 0, fromUnixTimestamp64Nano(failed_seen, 'UTC'),
        state = 'stuck', first_owed.expected_by,
        state IN ('completed', 'compensated', 'failed'), last_seen,
        started) AS state_since,
    place.1 AS step,
    -- what was never sent is owed by the one who should have sent it
    if(place.3 NOT IN ('', 'failed'), first_owed.owing, place.2) AS service,
    place.3 AS diagnosis,
    place.4 AS error,
    if(place.3 = '', '', lower(hex(sipHash64(workflow, place.1, place.3, splitByString(': ', place.4)[1])))) AS cause_id,
    span_count,
    trace_count,
    services,
    trivial,
    o AS owed,
    (state, verdict, place.1) != (old_state, old_verdict, old_step) AS changed,
    fromUnixTimestamp64Nano(now_ns, 'UTC') AS judged_at,
    {version:UInt64} AS version,
    toUInt8(0) AS deleted
FROM named
WHERE facts_version >= {since:UInt64} OR changed OR arrayZip(o.step, o.verdict) != old_owing
SETTINGS enable_named_columns_in_function_tuple = 1;
