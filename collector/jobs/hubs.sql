-- Kinds of further ids that turned out to be hubs (more than 1.05 orders an id), or no longer are (fewer
-- than 1.02, so that nothing flips to and fro). Of a large table some 50,000 rows are looked at.
INSERT INTO hubs
SELECT seen.workflow AS workflow, seen.key AS key, is_hub AS hub, seen.fan AS fan, {version:UInt64} AS version
FROM
(
    SELECT workflow, key, uniqExact(value, order_id) / uniqExact(value) AS fan
    FROM alias_orders
    WHERE bucket < (SELECT greatest(8, least(1024, intDiv(51200000, 1 + count()))) FROM alias_orders)
    GROUP BY workflow, key
) AS seen
LEFT JOIN (SELECT workflow, key, hub FROM hubs FINAL) AS known ON known.workflow = seen.workflow AND known.key = seen.key
WHERE (seen.fan > if(known.hub, 1.02, 1.05) AS is_hub) != known.hub;
