-- The time that orders span.
SELECT toUnixTimestamp64Nano(min(started)) AS first, toUnixTimestamp64Nano(max(ended)) AS last, count() AS orders
FROM orders FINAL
WHERE {workflow:String} = '' OR workflow = {workflow:String}
