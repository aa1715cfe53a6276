-- The orders that may leave: finished, with nothing new since `before` by the collector's clock, and no
-- trace left. Open ones stay, however old they are.
INSERT INTO expired_orders
SELECT workflow, order_id FROM orders FINAL
WHERE judged_at < fromUnixTimestamp64Nano({before:Int64}, 'UTC') AND state IN ('completed', 'compensated', 'failed', 'unknown')
    AND (workflow, order_id) NOT IN (SELECT workflow, order_id FROM order_traces);
