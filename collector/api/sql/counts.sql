-- Orders by workflow and state.
SELECT workflow, state, count() AS orders, min(trivial) AS trivial
FROM orders FINAL
WHERE ({workflow:String} = '' OR workflow = {workflow:String})
    AND started >= fromUnixTimestamp64Nano({from:Int64}, 'UTC')
    AND started <= fromUnixTimestamp64Nano({to:Int64}, 'UTC')
GROUP BY workflow, state
ORDER BY workflow, state
