-- Orders as `assemble` would write them: {orders} of them, one every {every_ns} from {since} on, each as far as it
-- has come by {now}. Eight services, each takes a message and sends the next; one of the waits takes hours.
-- One order in {lost} stays where it is before that. All chance comes from the order's number.
INSERT INTO order_facts
    (workflow, order_id, started, ended, first_seen, last_seen, span_count, trace_ids, services,
    `steps.step`, `steps.service`, `steps.role`, `steps.operation`, `steps.destination`, `steps.started`, `steps.ended`, `steps.seen`,
    `steps.attempts`, `steps.duplicates`, `steps.failed`, `steps.error`, `steps.TraceId`, `steps.SpanId`, `steps.cause`,
    `steps.partition`, `steps.version`, `steps.instance`, version, deleted)
WITH
    ['checkout', 'payment', 'stock', 'packing', 'carrier', 'invoice', 'crm', 'archive'] AS names,
    arrayMap(i -> names[intDiv(i + 1, 2)], range(1, 16)) AS all_services,
    arrayMap(i -> multiIf(i = 1, 'serve', i % 2 = 1, 'process', 'send'), range(1, 16)) AS all_roles,
    arrayMap(i -> if(i = 1, 'POST /orders', concat(names[intDiv(i, 2)], '.done')), range(1, 16)) AS all_operations,
    arrayMap((s, r, o) -> concat(s, ' ', r, ' ', o), all_services, all_roles, all_operations) AS all_steps,
    (n, i) -> (cityHash64(n, i) % 1000000 + cityHash64(i, n) % 1000000 + cityHash64(n, i, n) % 1000000) / 500000. - 3 AS bell
SELECT
    'order', concat('ORD-', leftPad(toString(n), 8, '0')), fromUnixTimestamp64Nano(at, 'UTC'),
    fromUnixTimestamp64Nano(arrayMax(ends), 'UTC'), fromUnixTimestamp64Nano(at + 700000000, 'UTC'),
    fromUnixTimestamp64Nano(arrayMax(ends) + 700000000, 'UTC'), come, [hex(cityHash64(n))], arrayDistinct(arraySlice(all_services, 1, come)),
    arraySlice(all_steps, 1, come), arraySlice(all_services, 1, come), arraySlice(all_roles, 1, come),
    arraySlice(all_operations, 1, come), arraySlice(arrayMap((r, o) -> if(r = 'serve', '', o), all_roles, all_operations), 1, come),
    arrayMap(t -> fromUnixTimestamp64Nano(t - 1000000, 'UTC'), ends), arrayMap(t -> fromUnixTimestamp64Nano(t, 'UTC'), ends),
    arrayMap(t -> fromUnixTimestamp64Nano(t + 700000000, 'UTC'), ends),
    arrayMap(t -> 1, ends), arrayMap(t -> 0, ends), arrayMap(t -> false, ends), arrayMap(t -> '', ends),
    arrayMap(t -> hex(cityHash64(n)), ends), arrayMap(t -> hex(cityHash64(n, t)), ends),
    arrayPushFront(arraySlice(all_steps, 1, come - 1), ''),
    arrayMap(t -> '', ends), arrayMap(t -> '1.0.0', ends), arrayMap(t -> '', ends), {version:UInt64}, 0
FROM
(
    SELECT n, at, arrayFilter(t -> t < {now:Int64}, arraySlice(all_ends, 1, if(n % {lost:UInt64} = 0, 3 + n % 5, 15))) AS ends, length(ends) AS come
    FROM
    (
        SELECT number + {first:UInt64} AS n, {since:Int64} + toInt64(number) * {every_ns:Int64} AS at,
            arrayCumSum(arrayMap(i -> if(i = 1, at, toInt64(1e9 * if(i = 9, 7200., 0.05) * exp(0.4 * bell(n, i)))), range(1, 16))) AS all_ends
        FROM numbers({orders:UInt64})
    )
)
WHERE come > 0;
