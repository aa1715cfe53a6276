-- The verdict on every order that was touched, or is still open (all of them when the model changed).
-- This is the one place that decides an order's state; it is a function of facts, model and now.
--
-- A step is owed when a rule's first step was seen and neither its second nor anything that implies the
-- second. It is late after the rule's limit, on the collector's clock. Late isn't yet stuck:
--   odd_order     a later order got past the same place: this one won't come by itself
--   edge_stopped  nobody has got past for as long as the limit: the next service (or its telemetry) stopped
--   delayed       others before it are still getting past: a queue that moves
-- Time in which nobody was watching (a restart, a sleeping machine: from `paused_from` to `paused_to`)
-- doesn't count as waiting: what happened meanwhile is still on its way to us.
-- Declared rules hold from the first order on: a workflow that has some is never too young to judge.
-- A step failed when no attempt at it succeeded; a failure below a caller that succeeded was handled.
INSERT INTO orders
WITH
    {now:Int64} AS now_ns,
    (since) -> now_ns - since - greatest(0, {paused_to:Int64} - greatest(since, {paused_from:Int64})) AS watched,
    rules AS
    (
        SELECT e.workflow AS workflow, groupArray((
            e.after, e.step, e.service, e.role, e.destination, e.seen, e.of, e.median_s, e.p99_s,
            toInt64(e.limit_s * 1e9), e.implied_by,
            toUnixTimestamp64Nano(p.frontier), toUnixTimestamp64Nano(p.last_pass), e.operation, e.source)) AS rules
        FROM (SELECT * FROM expectations FINAL WHERE model_at = (SELECT max(model_at) FROM models)) AS e
        LEFT JOIN
        (
            SELECT workflow, after, step, max(frontier) AS frontier, max(last_pass) AS last_pass
            FROM passes GROUP BY workflow, after, step
        ) AS p ON p.workflow = e.workflow AND p.after = e.after AND p.step = e.step
        GROUP BY workflow
    ),
    learned AS
    (
        SELECT workflow, mature_orders FROM models FINAL
        WHERE model_at = (SELECT max(model_at) FROM models)
    ),
    due AS
    (
        SELECT
            *,
            j.state AS old_state, j.verdict AS old_verdict, j.step AS old_step, j.owing AS old_owing,
            f.version >= {since:UInt64} AS touched
        FROM
        (
            SELECT workflow, order_id, started, ended, last_seen, span_count, trace_ids, services, version,
                `steps.step` AS names, `steps.service` AS step_services, `steps.role` AS roles,
                `steps.destination` AS destinations, `steps.ended` AS step_ended, `steps.started` AS step_started,
                arrayMap(t -> toUnixTimestamp64Nano(t), `steps.seen`) AS seen,
                `steps.failed` AS failed, `steps.error` AS errors, `steps.cause` AS causes
            FROM order_facts FINAL
        ) AS f
        LEFT JOIN
        (
            SELECT workflow, order_id, state, verdict, step,
                arrayZip(`owed.step`, `owed.verdict`) AS owing
            FROM orders FINAL
        ) AS j USING (workflow, order_id)
        WHERE {all:Bool} OR f.version >= {since:UInt64} OR j.state IN ('', 'in_progress', 'stuck', 'unknown')
    ),
    obliged AS
    (
        SELECT
            *,
            ifNull(learned.mature_orders, 0) AS mature_orders,
            arrayExists(r -> r.15 = 'declared', rules.rules) AS declared,
            arrayMap(r -> (r, indexOf(names, r.1)),
                arrayFilter(r -> has(names, r.1) AND NOT has(names, r.2) AND NOT hasAny(names, r.11), rules.rules)) AS open_rules,
            arrayEnumerate(names) AS positions,
            -- who called: the cause, or the caller behind the call span
            arrayMap(c -> indexOf(names, c), causes) AS cause_at,
            arrayMap(k -> if(k > 0 AND roles[k] = 'call', cause_at[k], k), cause_at) AS caller_at
        FROM due
        LEFT JOIN rules USING (workflow)
        LEFT JOIN learned USING (workflow)
    ),
    weighed AS
    (
        SELECT
            *,
            arraySort(o -> (o.11, o.1), arrayMap(
                r -> (
                    r.1.2, r.1.3, r.1.4, r.1.5, r.1.1,
                    step_ended[r.2],
                    seen[r.2] + r.1.10,
                    multiIf(
                        watched(seen[r.2]) <= r.1.10, 'on_time',
                        r.1.12 > seen[r.2], 'odd_order',
                        watched(r.1.13) >= greatest(r.1.10, 10000000000), 'edge_stopped',
                        'delayed'),
                    multiIf(
                        r.1.4 IN ('process', 'receive') AND arrayExists(
                            (role, d, s) -> role = 'receive' AND d = r.1.5 AND s = r.1.3, roles, destinations, step_services),
                        'consumed_silent',
                        r.1.4 IN ('process', 'receive') AND (arrayExists(
                            (role, d) -> role = 'send' AND d = r.1.5, roles, destinations)),
                        'not_consumed',
                        r.1.4 = 'serve' AND roles[r.2] = 'call', 'not_consumed',
                        r.1.4 IN ('send', 'call') AND roles[r.2] = 'receive', 'consumed_silent',
                        'never_sent'),
                    (r.1.6, r.1.7, r.1.8, r.1.9),
                    seen[r.2],
                    step_services[r.2],
                    r.1.14),
                open_rules)) AS obligations,
            -- the deepest failure that nobody above it handled
            arrayFilter(i -> failed[i]
                    AND (roles[i] IN ('process', 'receive', 'send')
                        OR (roles[i] = 'serve' AND (caller_at[i] = 0 OR failed[caller_at[i]]))),
                positions) AS unhandled,
            arrayReverseSort(i -> (step_started[i], i), unhandled)[1] AS failed_at,
            arrayReverseSort(i -> (step_started[i], i), positions)[1] AS last_at
        FROM obliged
    ),
    judged AS
    (
        SELECT
            *,
            arrayFilter(o -> o.8 IN ('odd_order', 'edge_stopped'), obligations) AS stuck_at,
            failed_at > 0 AND now_ns - seen[failed_at] > if(roles[failed_at] = 'serve', 2000000000, 10000000000) AS given_up,
            multiIf(
                given_up, ('failed', 'dead'),
                notEmpty(stuck_at), ('stuck', if(arrayExists(o -> o.8 = 'edge_stopped', stuck_at), 'edge_stopped', 'odd_order')),
                notEmpty(obligations), ('in_progress', if(arrayExists(o -> o.8 = 'delayed', obligations), 'delayed', 'on_time')),
                failed_at > 0, ('in_progress', 'on_time'),
                mature_orders < {min_orders:UInt64} AND NOT declared, ('unknown', 'cold'),
                now_ns - toUnixTimestamp64Nano(last_seen) > 2000000000, ('completed', ''),
                ('in_progress', 'on_time')) AS verdict_pair,
            if(notEmpty(stuck_at), stuck_at[1], obligations[1]) AS first_owed
        FROM weighed
    ),
    named AS
    (
        SELECT
            *,
            verdict_pair.1 AS state,
            verdict_pair.2 AS verdict,
            multiIf(
                state = 'failed', (names[failed_at], step_services[failed_at], 'failed', errors[failed_at]),
                notEmpty(obligations), (first_owed.1, first_owed.2, if(state = 'stuck', first_owed.9, ''), ''),
                (names[last_at], step_services[last_at], '', '')) AS place,
            arrayMap(o -> (o.1, o.8), obligations) AS owing
        FROM judged
    )
SELECT
    workflow,
    order_id,
    state,
    verdict,
    started,
    ended,
    multiIf(
        state = 'failed', fromUnixTimestamp64Nano(seen[failed_at], 'UTC'),
        state = 'stuck', fromUnixTimestamp64Nano(first_owed.7, 'UTC'),
        state = 'completed', last_seen,
        started) AS state_since,
    place.1 AS step,
    -- what was never sent is owed by the one who should have sent it
    multiIf(
        place.3 = 'never_sent' AND first_owed.3 IN ('process', 'receive', 'serve'), first_owed.12,
        place.2) AS service,
    place.3 AS diagnosis,
    place.4 AS error,
    if(place.3 = '', '', lower(hex(sipHash64(workflow, place.1, place.3, splitByString(': ', place.4)[1])))) AS cause_id,
    span_count,
    toUInt32(length(trace_ids)) AS trace_count,
    services,
    trace_ids = [order_id] AND length(services) = 1 AS trivial,
    obligations.1 AS `owed.step`,
    obligations.2 AS `owed.service`,
    obligations.3 AS `owed.role`,
    obligations.13 AS `owed.operation`,
    obligations.4 AS `owed.destination`,
    obligations.5 AS `owed.after`,
    obligations.6 AS `owed.since`,
    arrayMap(o -> fromUnixTimestamp64Nano(o.7, 'UTC'), obligations) AS `owed.expected_by`,
    obligations.8 AS `owed.verdict`,
    obligations.9 AS `owed.diagnosis`,
    arrayMap(o -> if(o.9 = 'never_sent' AND o.3 IN ('process', 'receive', 'serve'), o.12, o.2), obligations) AS `owed.owing`,
    arrayMap(o -> o.10.1, obligations) AS `owed.seen`,
    arrayMap(o -> o.10.2, obligations) AS `owed.of`,
    arrayMap(o -> o.10.3, obligations) AS `owed.median_s`,
    arrayMap(o -> o.10.4, obligations) AS `owed.p99_s`,
    (state, verdict, place.1) != (old_state, old_verdict, old_step) AS changed,
    fromUnixTimestamp64Nano(now_ns, 'UTC') AS judged_at,
    {version:UInt64} AS version,
    toUInt8(0) AS deleted
FROM named
WHERE touched OR changed OR owing != old_owing;
