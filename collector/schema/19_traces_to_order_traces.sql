-- Which orders a trace was given to.
CREATE MATERIALIZED VIEW IF NOT EXISTS traces_to_order_traces TO order_traces AS
SELECT o.workflow AS workflow, o.order_id AS order_id, TraceId FROM traces ARRAY JOIN orders AS o;
