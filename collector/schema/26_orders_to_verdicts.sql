-- Changes of state, as the judge writes them.
CREATE MATERIALIZED VIEW IF NOT EXISTS orders_to_verdicts TO verdicts AS
SELECT judged_at AS at, workflow, order_id, state, verdict, step, cause_id
FROM orders WHERE changed AND NOT deleted;
