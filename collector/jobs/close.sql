-- Takes the orders that the judge has just finished off the list of those it looks at every time; and
-- those of workflows that nothing is known of yet, once they are quiet (oblige brings them back).
INSERT INTO obligations (workflow, order_id, version, deleted)
SELECT workflow, order_id, {version:UInt64}, 1
FROM orders
WHERE version = {judged:UInt64}
    AND (state IN ('completed', 'failed', 'compensated') OR (verdict = 'cold' AND state_since < judged_at - INTERVAL 10 SECOND));
