-- The steps that a service has taken in orders.
SELECT DISTINCT step FROM
(
    SELECT s.1 AS step, s.2 AS service FROM order_facts FINAL
    ARRAY JOIN arrayZip(`steps.step`, `steps.service`) AS s
)
WHERE service = {service:String}
ORDER BY step
LIMIT 500
