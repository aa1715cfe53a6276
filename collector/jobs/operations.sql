-- New names of steps, as long as their service has room for them: of those that came together the most
-- frequent first. What has no room is called by a coarser name, if there is room for that (a quarter more),
-- else `{other}`; correlate goes by the same table. Reads the traces that got spans; repeating does no harm.
INSERT INTO operations
WITH
    touched AS
    (
        SELECT TraceId FROM arrivals
        WHERE stored_at > fromUnixTimestamp64Nano({after:Int64}, 'UTC')
            AND stored_at <= fromUnixTimestamp64Nano({through:Int64}, 'UTC')
    ),
    fresh AS MATERIALIZED
    (
        SELECT service, operation, count() AS times FROM spans
        WHERE TraceId IN (touched)
            AND (service, operation) NOT IN (SELECT service, operation FROM operations)
            -- steps, and what may be one for its place in the trace
            AND (role != '' OR ParentSpanId = ''
                OR (TraceId, ParentSpanId, service) NOT IN (SELECT TraceId, SpanId, service FROM spans WHERE TraceId IN (touched)))
        GROUP BY service, operation
    ),
    ranked AS MATERIALIZED
    (
        SELECT fresh.service AS service, fresh.operation AS operation,
            row_number() OVER (PARTITION BY fresh.service ORDER BY fresh.times DESC, fresh.operation) + kept.names <= {max_operations:UInt32} AS fits
        FROM fresh
        LEFT JOIN (SELECT service, uniqExact(operation) AS names FROM operations WHERE NOT coarse GROUP BY service) AS kept ON kept.service = fresh.service
    ),
    grouped AS
    (
        SELECT service, concat(
            extract(replaceRegexpAll(operation, '[^ /.:]*[0-9{][^ /.:]*', '{id}'), '^((?:[^ /.:]*[ /.:]+){0,2}[^ /.:]*)'), '…') AS operation
        FROM ranked WHERE NOT fits
        GROUP BY ALL
    )
SELECT service, operation, false AS coarse, {version:UInt64} AS version FROM ranked WHERE fits
UNION ALL
SELECT service, operation, true AS coarse, {version:UInt64} AS version
FROM
(
    SELECT grouped.service AS service, grouped.operation AS operation,
        row_number() OVER (PARTITION BY grouped.service ORDER BY grouped.operation) + kept.names AS place
    FROM grouped
    LEFT JOIN (SELECT service, uniqExact(operation) AS names FROM operations WHERE coarse GROUP BY service) AS kept ON kept.service = grouped.service
    WHERE (service, operation) NOT IN (SELECT service, operation FROM operations)
)
WHERE place <= greatest(1, intDiv({max_operations:UInt32}, 4))
UNION ALL
SELECT DISTINCT service, '{other}' AS operation, true AS coarse, {version:UInt64} AS version FROM ranked
WHERE NOT fits AND service NOT IN (SELECT service FROM operations WHERE operation = '{other}')
SETTINGS enable_materialized_cte = 1;
