-- Orders that lost their last trace owe nothing.
INSERT INTO obligations (workflow, order_id, version, deleted)
SELECT workflow, order_id, {version:UInt64}, 1
FROM order_facts
WHERE version >= {since:UInt64} AND deleted;
