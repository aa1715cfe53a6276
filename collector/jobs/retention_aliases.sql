-- Further ids that stand for no order that is still known.
DELETE FROM aliases
WHERE version < {before:UInt64}
    AND (workflow, key, value) NOT IN (SELECT workflow, key, value FROM alias_orders);
