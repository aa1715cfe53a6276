-- Orders that lost their last trace (runs whose key came late) leave the list.
INSERT INTO orders (workflow, order_id, version, deleted)
SELECT workflow, order_id, {version:UInt64}, 1
FROM order_facts
WHERE version >= {since:UInt64} AND deleted;
