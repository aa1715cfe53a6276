-- What some orders owe; may have others of the same ids, of other workflows.
SELECT workflow, order_id, owed
FROM orders FINAL
WHERE workflow IN {workflows:Array(String)} AND order_id IN {ids:Array(String)}
SETTINGS max_threads = 1
