-- The verdict on unfinished orders: on those whose facts are new, of which something is said that wasn't before
-- (see weigh, which says what is late and what that means), or which became quiet or were given up since
-- `before`, when it was last looked. This is the one place that decides an order's state; it is a function of
-- facts, model and now.
-- Declared rules hold from the first order on: a workflow that has some is never too young to judge.
INSERT INTO orders
WITH
    {now:Int64} AS now_ns,
    2000000000 AS quiet_ns,
    (t) -> t > {before:Int64} AND t <= {now:Int64} AS just_now,
    learned AS
    (
        SELECT workflow, mature_orders FROM models FINAL WHERE model_at = (SELECT max(model_at) FROM models)
    ),
    due AS MATERIALIZED
    (
        SELECT workflow, order_id FROM overdue WHERE version > {judged:UInt64}
        UNION DISTINCT
        SELECT workflow, order_id FROM obligations
        WHERE version >= {since:UInt64} OR just_now(toUnixTimestamp64Nano(about.last_seen) + quiet_ns + 1)
            OR (failure.step != '' AND just_now(failure.seen + failure.patience + 1))
    ),
    judging AS MATERIALIZED
    (
        SELECT * FROM obligations FINAL WHERE (workflow, order_id) IN (due)
    ),
    weighty AS
    (
        SELECT workflow, order_id, arraySort(x -> (x.expected_by, x.step), groupArray(tuple(
            rule, o.step AS step, o.service AS service, o.role AS role, o.operation AS operation,
            o.destination AS destination, o.any_of AS any_of, last AS after, o.since AS since,
            fromUnixTimestamp64Nano(o.armed + toInt64(limit_s * 1e9), 'UTC') AS expected_by,
            if(said[rule] = '', 'on_time', said[rule]) AS verdict, o.diagnosis AS diagnosis,
            if(o.diagnosis = 'never_sent' AND NOT o.undo AND o.role IN ('process', 'receive', 'serve'), o.last_service, o.service) AS owing,
            o.critical AS critical, o.undo AS undo, seen, of, median_s, p99_s))) AS o
        FROM
        (
            SELECT w.workflow AS workflow, w.order_id AS order_id, w.rule AS rule, w.last AS last, w.o AS o,
                u.seen AS seen, u.of AS of,
                if(e.n > 0, e.median_s, u.median_s) AS median_s,
                if(e.n > 0, e.p99_s, u.p99_s) AS p99_s,
                multiIf(u.within_s > 0 AND NOT has(u.handover, w.last), u.within_s, e.limit_s > 0, e.limit_s, u.limit_s) AS limit_s,
                l.said AS said
            FROM (SELECT workflow, order_id, o, toString(o.rule) AS rule, o.last AS last FROM judging ARRAY JOIN owed AS o) AS w
            INNER JOIN
            (
                SELECT workflow, rule, seen, of, within_s, handover, median_s, p99_s, limit_s
                FROM rules FINAL WHERE model_at = (SELECT max(model_at) FROM models)
            ) AS u ON u.workflow = w.workflow AND u.rule = w.rule
            LEFT JOIN
            (
                SELECT workflow, rule, last, n, median_s, p99_s, limit_s
                FROM waits FINAL WHERE model_at = (SELECT max(model_at) FROM models)
            ) AS e ON e.workflow = w.workflow AND e.rule = w.rule AND e.last = w.last
            LEFT JOIN
            (
                SELECT workflow, order_id, said FROM overdue FINAL WHERE (workflow, order_id) IN (due)
            ) AS l ON l.workflow = w.workflow AND l.order_id = w.order_id
        )
        GROUP BY workflow, order_id
    ),
    seen_before AS
    (
        SELECT workflow, order_id, (state, verdict, step, arrayZip(owed.step, owed.verdict)) AS old
        FROM orders FINAL
        WHERE (workflow, order_id) IN (due)
    ),
    facts AS
    (
        SELECT f.workflow AS workflow, f.order_id AS order_id, f.version AS facts_version, about, failure, old,
            -- once an order is being undone nothing else is expected of it
            if(undoing, arrayFilter(x -> x.undo, w.o), w.o) AS o,
            now_ns - toUnixTimestamp64Nano(about.last_seen) > quiet_ns AS quiet,
            sampled, undoing, dead, ended_well AND quiet AS well, ended_badly AND quiet AS badly,
            failure.step != '' AND (dead OR now_ns - failure.seen > failure.patience) AS given_up,
            learned.mature_orders < {min_orders:UInt64} AND NOT declared AS cold
        FROM judging AS f
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
                -- what it waits for failed, and may yet be tried again
                failure.step != '' AND notEmpty(late) AND arrayAll(x -> x.after = failure.step, late), 'in_progress suspect',
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
