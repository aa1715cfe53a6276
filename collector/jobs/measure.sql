-- How often each candidate rule was kept, exactly, and how long orders waited for it: over the orders that
-- `sample` chose. The candidates stand in `rules` under a model that never comes into force.
--
-- One row a rule (`last` is '') and one an edge of a rule: the step from which on orders waited, the latest
-- they took, before the rule was kept, of those that it requires or that hand over. All times are the
-- collector's. Orders that took `requires` are cut into blocks of equal number as they came, a twelfth of
-- them each, at most 300: an outage spoils some blocks, a variant of the workflow all of them.
-- Orders before the first that kept the rule don't count (`before`: how many; a deploy brought the rule),
-- and `since` is how many came after the last that kept it, whether they got on without it or not.
-- An order that still waits for a step says nothing of the rule, nor does one that failed at a step the rule
-- requires. How long an outage held an order up is no usual wait.
-- A wait is over with the first step that shows that the rule was kept: its own, or one that comes after it
-- and whose span wasn't late. Whoever is passed by, though, is passed by orders whose own step was seen. How much
-- later than usual that span came (up to ten minutes: else it is a clock that jumped) is no part of what is known
-- of long waits: the judge knows that of all spans (see weigh). `followed`: how soon a later step would have
-- shown the same (3 s * 1.15^k).
-- Fed by rules, order_facts, maturity, orders and verdicts; read by the learner (`accept`).
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
        SELECT workflow, any(h.mature_before) AS mature_before,
            arrayReverseSort(groupArray(toUnixTimestamp64Nano(first_seen))) AS times,
            times[least(length(times), {sampled:Array(UInt64)}[indexOf({workflows:Array(String)}, workflow)])] AS since
        FROM order_facts FINAL
        INNER JOIN horizons AS h USING (workflow)
        WHERE toUnixTimestamp64Nano(first_seen) < h.mature_before
            AND toUnixTimestamp64Nano(last_seen) < {now:Int64} - 5000000000
        GROUP BY workflow
    ),
    candidates AS
    (
        SELECT workflow, rule,
            arrayMap(s -> cityHash64(s), requires) AS needed,
            arrayMap(s -> cityHash64(s), `any_of.step`) AS wanted,
            arrayMap(s -> cityHash64(s), handover) AS between,
            arrayMap(s -> cityHash64(s), implied_by) AS beyond,
            arrayMap(s -> cityHash64(s), compensates) AS undone
        FROM rules FINAL
        WHERE model_at = fromUnixTimestamp64Nano({model_at:Int64}, 'UTC') AND notEmpty(requires)
    ),
    taken AS
    (
        SELECT workflow, order_id, at, ids, seen, lags, if(failed_order, failed, []) AS excused, waiting, stopped
        FROM
        (
            SELECT workflow, order_id, toUnixTimestamp64Nano(first_seen) AS at, last_seen,
                arrayMap(s -> cityHash64(s), `steps.step`) AS ids,
                arrayMap(t -> toUnixTimestamp64Nano(t), `steps.seen`) AS seen,
                arrayMap((s, e) -> s - toUnixTimestamp64Nano(e), seen, `steps.ended`) AS lags,
                arrayFilter((id, bad) -> bad, ids, `steps.failed`) AS failed
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
        LEFT JOIN
        (
            SELECT workflow, order_id, groupUniqArray(cityHash64(step)) AS stopped
            FROM verdicts WHERE verdict = 'edge_stopped' GROUP BY workflow, order_id
        ) AS v USING (workflow, order_id)
        WHERE at >= since AND at < mature_before AND toUnixTimestamp64Nano(last_seen) < {now:Int64} - 5000000000
    ),
    tried AS MATERIALIZED
    (
        SELECT
            workflow, rule, order_id, at, done, released, done > 0 AS came, went_on, usual, lag,
            multiIf(NOT went_on, -1, followed_at <= done + 3000000000, 0,
                least(39, ceil(log((followed_at - done) / 3e9) / log(1.15)))) AS followed,
            -- of two that were seen at once the one that hands over, or else began later
            arrayReduce('max', arrayMap((id, s, i) -> if(has(needed, id) OR (has(between, id) AND (released = 0 OR s <= released)),
                (length(needed) = 1 AND has(between, id), s, has(between, id), i), (false, 0, false, 0)), ids, seen, arrayEnumerate(ids))) AS latest,
            latest.2 AS armed, ids[latest.4] AS last
        FROM
        (
            SELECT workflow, rule, order_id, at, ids, seen, needed, between,
                arrayMin(arrayFilter((s, id) -> has(wanted, id), seen, ids)) AS done,
                arrayMin(arrayFilter((s, id) -> has(beyond, id), seen, ids)) AS followed_at,
                multiIf(done = 0, followed_at, followed_at = 0, done, least(done, followed_at)) AS released,
                lags[indexOf(seen, released)] AS lag,
                hasAny(ids, beyond) AS went_on,
                NOT hasAny(wanted, stopped) AS usual
            FROM taken
            INNER JOIN candidates USING (workflow)
            WHERE hasAll(ids, needed) AND (empty(undone) OR hasAny(ids, undone))
                AND (hasAny(ids, wanted) OR hasAny(ids, beyond) OR NOT (hasAny(wanted, waiting) OR hasAny(needed, excused)))
        )
    ),
    placed AS
    (
        SELECT workflow, rule, armed, came, went_on,
            row_number() OVER (PARTITION BY workflow, rule ORDER BY at, order_id) AS place,
            count() OVER (PARTITION BY workflow, rule) AS total
        FROM tried
    ),
    numbered AS
    (
        SELECT *,
            greatest(minIf(place, came) OVER (PARTITION BY workflow, rule), 1) - 1 AS early,
            maxIf(place, came) OVER (PARTITION BY workflow, rule) AS last_kept
        FROM placed
    ),
    shares AS
    (
        SELECT workflow, rule,
            sum(b_of) AS of, sum(b_seen) AS seen, sum(b_implied) AS implied, any(early) AS before, sum(b_since) AS since,
            min(b_armed) AS armed_first,
            groupArray(b_of) AS block_of, groupArray(b_seen) AS block_seen
        FROM
        (
            SELECT workflow, rule, early,
                intDiv(place - early - 1, greatest(2, least(300, intDiv(total - early, 12)))) AS block,
                count() AS b_of, countIf(came OR went_on) AS b_seen, countIf(went_on AND NOT came) AS b_implied,
                countIf(place > last_kept) AS b_since,
                minIf(armed, came) AS b_armed
            FROM numbered
            WHERE place > early
            GROUP BY workflow, rule, early, block
        )
        GROUP BY workflow, rule
    ),
    overtaken AS
    (
        SELECT workflow, rule, last, armed, greatest(released, armed) AS done, usual, lag, came, followed,
            min(if(came, greatest(tried.done, armed), 9223372036854775807)) OVER (PARTITION BY workflow, rule, last ORDER BY armed RANGE BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS passed_at,
            lagInFrame(done, 1, 0) OVER (PARTITION BY workflow, rule, last ORDER BY done, armed) AS done_before,
            row_number() OVER (PARTITION BY workflow, rule, last ORDER BY armed, done) AS place,
            count() OVER (PARTITION BY workflow, rule, last) AS total
        FROM tried
        WHERE released > 0
    ),
    edges AS
    (
        SELECT workflow, rule, last,
            sum(passed) AS n, min(first_armed) AS first_armed, max(last_armed) AS last_armed,
            arrayMap(b -> b.2, arraySort(groupArray((block, waits[1])))) AS block_median_s,
            arrayMap(b -> b.2, arraySort(groupArray((block, waits[2])))) AS block_p99_s,
            quantileExactMerge(0.999)(gaps) AS gap_ns,
            medianExactMerge(lags) AS usual_lag,
            arraySlice(arrayReverseSort(arrayMap(
                l -> l.1 - if(l.2 - usual_lag BETWEEN 3000000000 AND 600000000000, least(l.1, (l.2 - usual_lag) / 1e9), 0),
                arrayFlatten(groupArray(lates)))), 1, 100) AS late,
            sumMap(b_followed) AS followed
        FROM
        (
            SELECT workflow, rule, last,
                intDiv(place - 1, greatest(2, least(300, intDiv(total, 12)))) AS block,
                count() AS passed, min(armed) AS first_armed, max(armed) AS last_armed,
                if(countIf(usual) = 0, [nan, nan], quantilesExactIf(0.5, 0.99)(greatest(0, done - armed) / 1e9, usual)) AS waits,
                -- the gap that an outage made is no usual one
                quantileExactState(0.999)(if(usual, greatest(0, done - greatest(armed, done_before)), 0)) AS gaps,
                medianExactState(lag) AS lags,
                sumMapIf(map(toInt64(followed), toUInt64(1)), came) AS b_followed,
                arraySlice(arrayReverseSort(groupArrayIf(((done - greatest(passed_at, armed)) / 1e9, lag),
                    usual AND passed_at > 0 AND passed_at < done AND armed < done)), 1, 100) AS lates
            FROM overtaken
            GROUP BY workflow, rule, last, block
        )
        GROUP BY workflow, rule, last
    ),
    steps AS
    (
        SELECT DISTINCT workflow, rule, step, cityHash64(step) AS id
        FROM rules ARRAY JOIN arrayConcat(requires, handover) AS step
        WHERE model_at = fromUnixTimestamp64Nano({model_at:Int64}, 'UTC')
    )
SELECT workflow, rule, '' AS last, of, seen, implied, before, since, armed_first, block_of, block_seen,
    0 AS n, 0. AS armed_per_s, [] AS block_median_s, [] AS block_p99_s, 0. AS gap_s, [] AS late,
    CAST(map(), 'Map(Int64, UInt64)') AS followed
FROM shares
UNION ALL
SELECT e.workflow, e.rule, s.step, 0, 0, 0, 0, 0, 0, [], [],
    n, if(n < 2, 0, n / (1 + (last_armed - first_armed) / 1e9)), block_median_s, block_p99_s, gap_ns / 1e9, late,
    CAST(followed, 'Map(Int64, UInt64)')
FROM edges AS e
INNER JOIN steps AS s ON s.workflow = e.workflow AND s.rule = e.rule AND s.id = e.last
SETTINGS enable_materialized_cte = 1;
