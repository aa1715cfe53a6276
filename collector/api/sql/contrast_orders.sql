-- Orders of one cause, and orders that passed the same place in the same time: a sample of both, with their
-- steps. `place`: the step that was last done, or failed; `step`: the one that came next for those that
-- passed (for failures: the same). The sample is by a hash of the id: the same at every asking.
WITH
    chosen AS
    (
        SELECT order_id, held FROM
        (
            SELECT order_id, cause_id = {cause:String} AS held
            FROM orders FINAL
            WHERE workflow = {workflow:String} AND length(order_id) < 200
                AND (cause_id = {cause:String}
                    OR (started >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND started <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')))
            ORDER BY cityHash64(order_id)
            LIMIT {most:UInt64} * 4 BY held
        )
    )
SELECT c.order_id AS order_id, c.held AS held,
    f.`steps.step` AS steps, f.`steps.cause` AS causes, f.`steps.error` AS errors
FROM
(
    SELECT * FROM order_facts FINAL
    WHERE workflow = {workflow:String} AND order_id IN (SELECT order_id FROM chosen)
) AS f
INNER JOIN chosen AS c ON c.order_id = f.order_id
WHERE has(steps, {place:String})
    AND (c.held OR (has(steps, {step:String}) AND NOT f.`steps.failed`[indexOf(steps, {step:String})]))
ORDER BY cityHash64(order_id)
LIMIT {most:UInt64} BY held
