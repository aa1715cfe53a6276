-- Which orders further ids stand for, as far as that changed, by the evidence that was just gathered.
--
-- An id seen with orders' own ids stands for those (a shipment for two orders: its spans are shared), else
-- it takes what the nearest ids that were seen with it stand for; two ids of one kind in a context tell
-- nothing about the others in it. Ids that go with too many orders stand for none.
INSERT INTO aliases
WITH
    direct AS
    (
        SELECT workflow, id.1 AS key, id.2 AS value, arraySort(groupUniqArray(own[1])) AS orders
        FROM alias_evidence ARRAY JOIN further AS id
        WHERE version = {version:UInt64} AND notEmpty(own)
        GROUP BY workflow, key, value
    ),
    beside AS
    (
        SELECT workflow, id.1 AS key, id.2 AS value, other.1 AS other_key, other.2 AS other_value
        FROM (SELECT workflow, arrayFilter((f, n) -> n = 1, further, arrayMap(k -> countEqual(further.1, k), further.1)) AS ids
            FROM alias_evidence WHERE version = {version:UInt64} AND NOT node AND empty(own)) AS t
        ARRAY JOIN ids AS id
        ARRAY JOIN ids AS other
        WHERE id != other
    ),
    reached AS
    (
        SELECT beside.workflow AS workflow, beside.key AS key, beside.value AS value,
            min(if(known.value = '', 254, known.distance)) AS nearest,
            arraySort(groupUniqArrayArray(known.orders)) AS all_orders,
            arraySort(groupUniqArrayArrayIf(known.orders, known.distance = 0)) AS orders_0,
            arraySort(groupUniqArrayArrayIf(known.orders, known.distance < 8)) AS orders_n,
            least(min(concat(beside.other_key, '=', beside.other_value)), minIf(known.orders[1], known.distance = 254)) AS least_name,
            countIf(known.distance = 254) AS named
        FROM beside
        LEFT JOIN (SELECT workflow, key, value, orders, distance FROM aliases FINAL
            WHERE (workflow, key, value) IN (SELECT workflow, other_key, other_value FROM beside)) AS known
            ON known.workflow = beside.workflow AND known.key = beside.other_key AND known.value = beside.other_value
        GROUP BY beside.workflow, beside.key, beside.value
    ),
    judged AS
    (
        SELECT node.workflow AS workflow, node.key AS key, node.value AS value,
            (node.workflow, node.key) IN (SELECT workflow, key FROM hubs FINAL WHERE hub) OR length(direct.orders) > 10 AS is_hub,
            toUInt8(multiIf(is_hub, 255, notEmpty(direct.orders), 0, reached.value != '' AND reached.nearest < 7, reached.nearest + 1, 254)) AS distance,
            multiIf(
                is_hub, [],
                notEmpty(direct.orders), direct.orders,
                distance = 1, arraySlice(reached.orders_0, 1, 10),
                distance < 9, arraySlice(reached.orders_n, 1, 10),
                [arrayMin(arrayFilter(n -> n != '', [concat(node.key, '=', node.value), reached.least_name]))]) AS orders
        FROM (SELECT workflow, further[1].1 AS key, further[1].2 AS value FROM alias_evidence WHERE version = {version:UInt64} AND node) AS node
        LEFT JOIN direct ON direct.workflow = node.workflow AND direct.key = node.key AND direct.value = node.value
        LEFT JOIN reached ON reached.workflow = node.workflow AND reached.key = node.key AND reached.value = node.value
    )
SELECT judged.workflow AS workflow, judged.key AS key, judged.value AS value, judged.orders AS orders, judged.distance AS distance, {version:UInt64} AS version
FROM judged
LEFT JOIN (SELECT workflow, key, value, orders, distance FROM aliases FINAL
    WHERE (workflow, key, value) IN (SELECT workflow, further[1].1, further[1].2 FROM alias_evidence WHERE version = {version:UInt64} AND node)) AS known
    ON known.workflow = judged.workflow AND known.key = judged.key AND known.value = judged.value
WHERE known.value = '' OR known.orders != judged.orders OR known.distance != judged.distance;
