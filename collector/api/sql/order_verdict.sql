-- The judge's word on one order; no row before he has seen it.
SELECT state, verdict, state_since, step, service, diagnosis, error, cause_id, owed
FROM orders FINAL
WHERE workflow = {workflow:String} AND order_id = {id:String}
SETTINGS max_threads = 1
