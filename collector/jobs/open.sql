-- How many orders are unfinished, and how many of them have taken a step that the model doesn't know, and
-- owe one. `doubtful`: whether any of them may be late, overtaken for too long, or on a changed flow, or was
-- called so; else `weigh`, which needs many times as long to be planned, has nothing to say.
SELECT
    count() AS orders,
    countIf(notEmpty(news) AND notEmpty(owed.rule)) AS drifting,
    max(arrayExists(at -> at <= {now:Int64} - toInt64(1e9 * shortest_s), owed.armed))
        OR drifting > 0
        OR (SELECT count() > 0 FROM overdue FINAL)
        OR (SELECT count() > 0 FROM drifts) AS doubtful,
    -- no wait below this is long, on whichever edge
    (SELECT least({floor_s:Float64}, min(if(within_s > 0, least(within_s, limit_s), limit_s)))
        FROM rules FINAL WHERE model_at = (SELECT max(model_at) FROM models)) AS by_rule_s,
    (SELECT least(by_rule_s, ifNull(minOrNull(limit_s), by_rule_s))
        FROM waits FINAL WHERE limit_s > 0 AND model_at = (SELECT max(model_at) FROM models)) AS shortest_s
FROM obligations FINAL;
