-- The latest orders that came to their end, of more than one service.
SELECT workflow, order_id
FROM orders FINAL
WHERE state IN ('completed', 'compensated') AND NOT trivial AND length(order_id) < 1000
    AND ({workflow:String} = '' OR workflow = {workflow:String})
    AND started >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')
    AND started <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
ORDER BY ended DESC, workflow, order_id
LIMIT {limit:UInt64}
