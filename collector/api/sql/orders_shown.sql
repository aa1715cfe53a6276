-- What the list shows of some orders. May have others of the same ids, of other workflows.
SELECT workflow, order_id, state, verdict, started, ended, state_since, step, service, diagnosis, error,
    cause_id, span_count, trace_count, owed
FROM orders FINAL
WHERE workflow IN {workflows:Array(String)} AND order_id IN {ids:Array(String)}
SETTINGS max_threads = 1
