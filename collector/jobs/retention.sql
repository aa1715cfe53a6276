-- The traces that may leave: nothing of them was stored since `before`, and every order that they belong
-- to is finished; for orders that failed or of which nothing is known, nothing since `failed_before`. An
-- order that the judge hasn't seen counts as open, and so does any state that isn't named here: nothing
-- open is dropped silently.
-- The runner deletes these traces table by table, `traces` last: as long as a trace stands there, a
-- deletion that was cut off is found again. Orders keep their rows in `orders` and `order_facts`.
INSERT INTO expired
WITH
    old AS
    (
        SELECT TraceId, orders FROM traces FINAL
        -- no span is seen after it is stored; history is seen long before
        WHERE last_seen < fromUnixTimestamp64Nano({before:Int64}, 'UTC')
    ),
    finished AS
    (
        SELECT workflow, order_id, state FROM orders FINAL
        WHERE state IN ('completed', 'compensated', 'failed', 'unknown')
            AND (workflow, order_id) IN (SELECT o.1, o.2 FROM old ARRAY JOIN orders AS o)
    )
SELECT TraceId
FROM (SELECT TraceId, o.1 AS workflow, o.2 AS order_id FROM old ARRAY JOIN orders AS o) AS belonging
LEFT JOIN finished USING (workflow, order_id)
WHERE TraceId NOT IN
(
    SELECT TraceId FROM spans
    WHERE stored_at >= fromUnixTimestamp64Nano({before:Int64}, 'UTC') AND TraceId IN (SELECT TraceId FROM old)
)
GROUP BY TraceId
HAVING countIf(state = '') = 0
    AND (countIf(state IN ('failed', 'unknown')) = 0 OR TraceId NOT IN
    (
        SELECT TraceId FROM spans
        WHERE stored_at >= fromUnixTimestamp64Nano({failed_before:Int64}, 'UTC') AND TraceId IN (SELECT TraceId FROM old)
    ));
