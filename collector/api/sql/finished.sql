-- How long finished orders took, all together.
SELECT count() AS orders,
    quantiles(0.5, 0.95, 0.99)((toUnixTimestamp64Nano(ended) - toUnixTimestamp64Nano(started)) / 1e9) AS took_s
FROM orders FINAL
WHERE state IN ('completed', 'compensated')
    AND ({workflow:String} = '' OR workflow = {workflow:String})
    AND ({step:String} = '' OR (workflow, order_id) IN (SELECT workflow, order_id FROM order_facts FINAL WHERE has(`steps.step`, {step:String})))
    AND ended >= fromUnixTimestamp64Nano({from:Int64}, 'UTC') AND ended <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
