-- What each touched order owes by the rules in force (`all`: what each unfinished one owes, the rules
-- having changed), what failed in it, and whether it is being undone. No clock: a function of facts and rules.
-- (`until`: only of orders that were first seen before it.)
--
-- A rule is owed when all its `requires` were seen, none of its `any_of`, and nothing that implies one.
-- The order waits from `last` on: the latest of `requires` and `handover` that it took; what hands over comes after
-- what alone is required, also if that one's span is late.
-- A compensation is owed for a step that was done once undoing has begun: its own `requires` were seen, or
-- without any: a step of the order failed for good, or another compensation was seen.
-- `aside`: from there the order went on by a step that the model doesn't know.
-- The failure that counts is the deepest that nobody above it handled: a consumer's, a sender's, or a
-- server's whose caller failed, too; and that led to nothing afterwards, or an attempt that worked wasn't seen.
-- A call that was answered with no (4xx: no error of who answered) is no failure in itself. It is one if who
-- asked was done then, nothing came after it, and what is owed is what only they could send: they won't.
INSERT INTO obligations
WITH
    '(?i)\\b(dlq|dlt|poison|parking)\\b|dead.?letter' AS dead_letters,
    ruled AS
    (
        SELECT workflow, rule, requires, `any_of.step` AS any_of, `any_of.service` AS services, `any_of.role` AS roles,
            `any_of.operation` AS operations, `any_of.destination` AS destinations,
            handover, beside, implied_by, critical, compensates, toUnixTimestamp64Nano(valid_from) AS valid_ns
        FROM rules FINAL
        WHERE model_at = (SELECT max(model_at) FROM models)
    ),
    facts AS MATERIALIZED
    (
        SELECT
            workflow, order_id, started, ended, last_seen, span_count, trace_count, order_services, trivial, sampled,
            names, services, roles, destinations, step_started, step_ended, seen, failed, errors, attempts,
            undo_steps, known, ends_success, ends_failure, declared, causes, cause_at,
            arrayFilter(name -> notEmpty(known) AND NOT has(known, name), names) AS news,
            arrayReverseSort(i -> (step_started[i], i), arrayEnumerate(names))[1] AS last_at,
            -- who called: the cause, or the caller behind the call span
            if(NOT has(failed, true), 0, arrayReverseSort(i -> (step_started[i], i), arrayFilter(
                (i, bad, role, k) -> bad AND (role IN ('process', 'receive', 'send') OR (role = 'serve' AND (k = 0 OR failed[k])))
                    AND NOT arrayExists((c, at, d) -> c = i AND at > step_ended[i] AND NOT match(d, dead_letters), cause_at, step_started, destinations),
                arrayEnumerate(names), failed, roles,
                arrayMap(k -> if(k > 0 AND roles[k] = 'call', cause_at[k], k), cause_at)))[1]) AS failed_at,
            if(NOT has(failed, true), 0, arrayReverseSort(i -> (step_started[i], i), arrayFilter(
                (i, bad, role, by) -> bad AND role = 'call' AND by > 0 AND roles[by] IN ('serve', 'process')
                    AND step_ended[by] >= step_ended[i] AND NOT arrayExists(at -> at > step_ended[i], step_started)
                    AND (match(errors[i], '^4[0-9][0-9]\\b') OR arrayExists((k, r, b) -> k = i AND r = 'serve' AND NOT b, cause_at, roles, failed)),
                arrayEnumerate(names), failed, roles, cause_at))[1]) AS refused_at,
            arrayExists((role, d) -> role = 'send' AND match(d, dead_letters), roles, destinations) AS dead
        FROM
        (
            SELECT workflow, order_id, started, ended, last_seen, span_count, toUInt32(length(trace_ids)) AS trace_count,
                services AS order_services, trace_ids = [order_id] AND length(services) = 1 AS trivial, sampled,
                `steps.step` AS names, `steps.service` AS services, `steps.role` AS roles, `steps.destination` AS destinations,
                `steps.started` AS step_started, `steps.ended` AS step_ended,
                arrayMap(t -> toUnixTimestamp64Nano(t), `steps.seen`) AS seen,
                `steps.failed` AS failed, `steps.error` AS errors, `steps.attempts` AS attempts,
                `steps.cause` AS causes, arrayMap(c -> indexOf(`steps.step`, c), `steps.cause`) AS cause_at
            FROM order_facts FINAL
            WHERE toUnixTimestamp64Nano(first_seen) < {until:Int64} AND if({all:Bool},
                version >= {since:UInt64} OR (workflow, order_id) IN
                (
                    SELECT workflow, order_id FROM obligations FINAL
                    UNION ALL
                    -- what was closed when no rule was known of its workflow yet
                    SELECT workflow, order_id FROM orders FINAL WHERE state = 'completed'
                        AND workflow IN {first_ruled:Array(String)} AND judged_at > fromUnixTimestamp64Nano({closed_since:Int64}, 'UTC')
                    UNION ALL
                    -- what was closed for want of a model
                    SELECT workflow, order_id FROM orders FINAL WHERE state = 'unknown' AND workflow IN
                        (SELECT workflow FROM models FINAL WHERE model_at = (SELECT max(model_at) FROM models) AND mature_orders >= {min_orders:UInt64})
                ),
                version >= {since:UInt64})
        ) AS f
        LEFT JOIN
        (
            SELECT workflow, steps AS known, ends_success, ends_failure FROM models FINAL
            WHERE model_at = (SELECT max(model_at) FROM models)
        ) AS m USING (workflow)
        LEFT JOIN
        (
            SELECT workflow, groupUniqArrayArray(if(empty(compensates), [], `any_of.step`)) AS undo_steps,
                max(source = 'declared') AS declared
            FROM rules FINAL WHERE model_at = (SELECT max(model_at) FROM models) GROUP BY workflow
        ) AS u USING (workflow)
    ),
    owing AS
    (
        SELECT
            workflow, order_id, rule, any_of, critical, undo, aside,
            any_of[1] AS step, r_services[1] AS service, r_roles[1] AS role, r_operations[1] AS operation, r_destinations[1] AS destination,
            names[at] AS last,
            -- who was to send or call: whoever took the last step, or made the call before this one
            services[if(beside AND caller_at > 0, caller_at, at)] AS last_service, step_ended[at] AS since, seen[at] AS armed,
            multiIf(
                service NOT IN (SELECT service FROM services), 'no_telemetry',
                role IN ('process', 'receive') AND arrayExists(
                    (r, d, s) -> r = 'receive' AND d = destination AND s = service, roles, destinations, services), 'consumed_silent',
                role IN ('process', 'receive') AND arrayExists((r, d) -> r = 'send' AND d = destination, roles, destinations), 'not_consumed',
                role = 'serve' AND roles[at] = 'call' AND NOT beside, 'not_consumed',
                role IN ('send', 'call') AND roles[at] = 'receive', 'consumed_silent',
                'never_sent') AS diagnosis
        FROM
        (
            SELECT
                f.workflow AS workflow, order_id, names, f.services AS services, f.roles AS roles, f.destinations AS destinations,
                step_ended, seen, rule, any_of, beside, r.services AS r_services, r.roles AS r_roles, r.operations AS r_operations,
                r.destinations AS r_destinations, critical, notEmpty(compensates) AS undo, valid_ns,
                notEmpty(news) AND arrayExists((name, cause) -> has(news, name) AND (has(requires, cause) OR has(handover, cause)), names, causes) AS aside,
                arrayReverseSort(i -> (length(requires) = 1 AND has(handover, names[i]), seen[i], has(handover, names[i]), i), arrayFilter(
                    (i, name, bad) -> has(requires, name) OR has(handover, name)
                        OR (notEmpty(compensates) AND (has(undo_steps, name) OR bad)),
                    arrayEnumerate(names), names, failed))[1] AS at,
                cause_at[at] AS caller_at
            FROM facts AS f
            INNER JOIN ruled AS r USING (workflow)
            WHERE NOT hasAny(names, any_of) AND NOT hasAny(names, implied_by)
                AND if(empty(compensates), hasAll(names, requires),
                    arrayExists((name, bad) -> has(compensates, name) AND NOT bad, names, failed)
                        AND if(empty(requires), failed_at > 0 OR hasAny(names, undo_steps), hasAll(names, requires)))
        )
        WHERE at > 0 AND armed >= valid_ns
    ),
    owed AS
    (
        SELECT workflow, order_id, arraySort(o -> (o.11, o.2), groupArray((
            rule, step, service, role, operation, destination, any_of, last, last_service, since, armed, diagnosis, critical, undo, aside))) AS o
        FROM (SELECT * FROM owing ORDER BY armed DESC, rule LIMIT 1 BY workflow, order_id, step)
        GROUP BY workflow, order_id
    )
SELECT
    f.workflow AS workflow, f.order_id AS order_id,
    (started, ended, last_seen, span_count, trace_count, order_services, trivial, names[last_at], f.services[last_at]) AS about,
    (
        names[multiIf(
            failed_at > 0, failed_at,
            refused_at > 0 AND arrayExists(o -> o.13 AND o.12 = 'never_sent' AND o.9 = f.services[cause_at[refused_at]], owed.o), refused_at,
            0) AS bad_at],
        f.services[bad_at], errors[bad_at], seen[bad_at],
        -- how long a retry may take to come: thrice what this step's attempts were apart so far
        greatest(if(roles[bad_at] = 'serve', 2000000000, 10000000000), if(attempts[bad_at] < 2, 0, intDiv(
            3 * (toUnixTimestamp64Nano(step_ended[bad_at]) - toUnixTimestamp64Nano(step_started[bad_at])), attempts[bad_at] - 1)))
    ) AS failure,
    sampled, declared, hasAny(names, ends_success) AS ended_well, hasAny(names, ends_failure) AS ended_badly,
    dead, hasAny(names, undo_steps) OR arrayExists(o -> o.14, owed.o) AS undoing,
    news,
    owed.o AS owed,
    {version:UInt64} AS version, toUInt8(0) AS deleted
FROM facts AS f
LEFT JOIN owed ON owed.workflow = f.workflow AND owed.order_id = f.order_id
SETTINGS enable_materialized_cte = 1;
