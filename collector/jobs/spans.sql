-- What the spans that were stored since the last tick mean: role, a name without ids, own keys. Attribute names by OpenTelemetry's
-- semantic conventions, the present ones first, then older ones that instrumentations still send
-- (FastStream: messaging.destination_publish.name).
--
-- Keys are looked for in the span's attributes, in the parameters of its path (http.route names them), in
-- templates of its path and destination, then in its events, its links and its resource; of each key only
-- the first place that has it counts. A batch whose messages have their keys on links belongs to several
-- orders. Names lose what looks like an id (UUIDs, hex, long digits) and the ids that the span is known by.
--
-- Many small layers on purpose: the analyzer copies an alias wherever it is used within one SELECT. Names of
-- attributes become numbers first: one look at each name's dictionary instead of fifty at each span's names.
--
-- Once merged, the new spans lie scattered among old ones and are read a few from each block; a join gathers them
-- (`min_joined_block_size`): each block costs as much as thousands of spans do.
INSERT INTO spans (
    TraceId, SpanId, ParentSpanId, service, service_version, instance, kind, role, operation, destination, peer, started, ended, seen_at, stored_at,
    failed, error, sampled, orders, keys, message_id, message_partition, message_offset, conversation_id, link_traces, link_spans)
WITH
    -- the attributes that are looked at: each span's names become positions in this list once
    [
        'error.type', 'messaging.system', 'messaging.destination.name', 'messaging.destination_publish.name',
        'messaging.destination', 'messaging.destination.template', 'messaging.rabbitmq.destination.routing_key',
        'cloudevents.event_subject', 'messaging.operation.type', 'messaging.operation', 'messaging.operation.name',
        'messaging.message.id', 'messaging.message_id', 'messaging.destination.partition.id', 'messaging.kafka.partition',
        'messaging.kafka.destination.partition', 'messaging.kafka.offset', 'messaging.kafka.message.offset',
        'messaging.kafka.message.key', 'messaging.kafka.message_key', 'messaging.message.key',
        'messaging.message.conversation_id', 'messaging.conversation_id', 'db.system.name', 'db.system', 'server.address',
        'net.peer.name', 'db.namespace', 'db.name', 'http.request.method', 'http.method', 'http.route', 'url.template',
        'url.path', 'http.target', 'url.full', 'http.url', 'rpc.method', 'rpc.service', 'peer.service', 'service.peer.name',
        'http.host'
    ] AS looked_at,
    (name) -> attribute_values[indexOf(known, indexOf(looked_at, name))] AS value_of,
    (text) -> replaceRegexpAll(
        text,
        '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|\\b[0-9a-fA-F]{16,}\\b|\\b(?:[A-Za-z]{1,8}[-_])?[0-9]{3,}\\b',
        '{id}') AS without_ids,
    -- what the settings say; an event's type is looked for like a key
    (SELECT (
        arrayConcat(groupArray(attribute), [
            'cloudevents.event_type', 'messaging.header.type', 'messaging.header.event-type', 'messaging.header.event_type',
            'messaging.header.eventType', 'messaging.header.ce_type', 'messaging.header.ce-type', 'messaging.message.type',
            'celery.task_name']),
        groupArray(alike), groupArray(owner),
        groupArrayIf(workflow, head), groupArrayIf(key, head), groupArrayIf(aliased, head),
        groupArrayIf(namespace, head), groupArrayIf(services, head),
        groupArrayIf(position, text > 0), groupArrayIf(text, text > 0), groupArrayIf(segments, text > 0),
        groupArrayIf(at, text > 0), groupArrayIf(open, text > 0))
    FROM (SELECT * FROM workflows ORDER BY position)) AS bound
SELECT
    TraceId,
    SpanId,
    ParentSpanId,
    ServiceName AS service,
    service_version,
    instance,
    SpanKind AS kind,
    role,
    left(multiIf(
        messaging, if(event_type IN ('', place), place, concat(place, ' ', without_ids(left(event_type, 1000)))),
        role = 'database', database_system,
        named = 'route', concat(method, ' ', route),
        named = 'path', concat(method, ' ', name),
        rpc_method != '', concat(rpc_service, if(rpc_service = '', '', '/'), rpc_method),
        name), 200) AS operation,
    if(messaging AND (raw_destination != '' OR destination_template != ''), place, '') AS destination,
    left(multiIf(
        role = 'call', called,
        role = 'database',
        -- <system>:<host or file>/<name>; a database that doesn't say where it is counts as the service's own
        concat(database_system, ':', if(concat(database_host, database_name) = '', ServiceName,
            concat(database_host, if(database_host = '' OR database_name = '', '', '/'), database_name))),
        ''), 200) AS peer,
    Timestamp AS started,
    fromUnixTimestamp64Nano(
        toInt64(least(toUInt64(greatest(toUnixTimestamp64Nano(Timestamp), 0)) + Duration, 9223372036854775807)), 'UTC') AS ended,
    seen_at,
    stored_at,
    failed,
    left(if(failed, arrayStringConcat(arrayFilter(t -> t != '', arrayDistinct([
        if(error_type != '', error_type, arrayFirst(t -> t != '', arrayMap(e -> e['exception.type'], event_attributes))),
        if(StatusMessage != '', StatusMessage, arrayFirst(t -> t != '', arrayMap(e -> e['exception.message'], event_attributes)))])),
        ': '), ''), 500) AS error,
    TraceState != '' AND match(TraceState, '(^|,)ot=([^,]*;)?th:0*[1-9a-f]') AS sampled,
    arrayDistinct(arrayMap(k -> (k.1, k.3), arrayFilter(k -> k.2 = '', owned))) AS orders,
    arrayDistinct(arrayFilter((k, o) -> bound.6[o], owned, owners)) AS keys,
    message_id,
    message_partition,
    message_offset,
    conversation_id,
    link_traces,
    link_spans
FROM
(
    SELECT
        *,
        -- the name without the ids that the span is known by; short ones only where they stand alone
        if(empty(ids), rough_name, arrayFold(
            (text, id) -> if(length(id) >= 4, replaceAll(text, id, '{id}'),
                replaceRegexpAll(text, concat('(^|[./ ])', regexpQuoteMeta(id), '($|[./ ])'), '\\1{id}\\2')),
            ids, rough_name)) AS name,
        left(if(messaging AND destination_template != '', destination_template, name), 200) AS place,
        arrayMap((o, v) -> (bound.4[o], bound.5[o], v), owners, ids) AS owned
    FROM
    (
        SELECT
            *,
            arrayFilter((v, b) -> b, hits.3, best) AS ids,
            arrayFilter((o, b) -> b, hits.2, best) AS owners,
            CAST(if(named = 'path',
                arrayStringConcat(
                    arrayMap(s -> if(match(s, '[0-9]') AND NOT match(s, '^v[0-9]{1,2}$'), '{id}', s), splitByChar('/', full_name)),
                    '/'),
                without_ids(full_name)), 'String') AS rough_name
        FROM
        (
            SELECT
                *,
                -- of each key the place that comes first; hits are sorted by it
                arrayMap((p, o) -> p = hits.1[indexOf(hits.2, o)], hits.1, hits.2) AS best,
                left(multiIf(messaging AND raw_destination != '', raw_destination, named = 'path', splitByChar('?', target)[1], SpanName), 1000) AS full_name
            FROM
            (
                SELECT
                    *,
                    multiIf(role NOT IN ('serve', 'call') OR method = '', '', route != '', 'route', target != '', 'path', '') AS named,
                    arrayFirst((v, n) -> n > length(bound.2), values, numbers) AS event_type,
                    -- (place and position, owner, id)
                    arraySort(arrayFilter(h -> h.3 != '' AND mine[h.2], arrayConcat(
                        arrayFlatten(arrayMap(
                            (v, n, place) -> arrayMap(p -> (toUInt32(p + place), bound.3[p], v), bound.2[n]),
                            values, numbers, places)),
                        arrayMap((p, v) -> (toUInt32(p + 10000), bound.3[p], left(trimBoth(v, ' \t\r\n'), 10240)), bound.9, by_template)))) AS hits
                FROM
                (
                    SELECT
                        *,
                        multiIf(
                            messaging AND (op IN ('process', 'deliver')), 'process',
                            -- confluent-kafka says so of its producers
                            SpanKind = 'Producer' AND op = 'receive', 'send',
                            -- a poll that names no destination took nothing
                            messaging AND (op IN ('receive', 'poll', 'fetch')
                                OR SpanKind = 'Consumer' AND op = '' AND SpanName IN ('recv', 'receive', 'poll')),
                                if(raw_destination = '', '', 'receive'),
                            messaging AND (op IN ('publish', 'send')), 'send',
                            messaging AND (op = 'create' OR endsWith(SpanName, ' create')), 'create',
                            messaging AND (op != ''), '',
                            messaging AND SpanKind = 'Producer', 'send',
                            messaging AND SpanKind = 'Consumer', if(endsWith(SpanName, ' receive'), 'receive', 'process'),
                            messaging, '',
                            database_system != '' AND SpanKind != 'Server', 'database',
                            SpanKind = 'Server', 'serve',
                            SpanKind = 'Client', 'call',
                            '') AS role,
                        arrayMap((namespaces, services) -> namespaces IN ('', namespace)
                            AND (services = '' OR position(services, concat('\n', ServiceName, '\n')) > 0), bound.7, bound.8) AS mine,
                        arrayFilter(n -> n > 0, all_numbers) AS numbers,
                        arrayFilter((p, n) -> n > 0, all_places, all_numbers) AS places,
                        -- a header's value may be a list of one: as JSON, or as OTLP's bytes in base64
                        arrayMap(
                            (v, n) -> left(trimBoth(multiIf(
                                position(bound.1[n], '.header.') = 0, v,
                                startsWith(v, '["'), JSONExtractString(v, 1),
                                match(v, '^C[g-v]'), if(match(tryBase64Decode(v), '^\n.\n.'), substring(tryBase64Decode(v), 5), v),
                                v), ' \t\r\n'), 10240),
                            arrayFilter((v, n) -> n > 0, all_values, all_numbers),
                            numbers) AS values,
                        arrayMap(
                            (text, segments, at, open) -> if(
                                (length(texts[text]) = length(segments) OR (open AND length(texts[text]) > length(segments)))
                                    AND arrayAll((t, s) -> s = '*' OR t = s, arrayResize(texts[text], length(segments)), segments),
                                if(at = 0, message_key, if(text = 1, decodeURLComponent(texts[text][at]), texts[text][at])), ''),
                            bound.10, bound.11, bound.12, bound.13) AS by_template
                    FROM
                    (
                        SELECT
                            *,
                            messaging_system != '' OR raw_destination != '' OR SpanKind IN ('Producer', 'Consumer') AS messaging,
                            arrayConcat(
                                arrayMap(k -> transform(k, bound.1, arrayEnumerate(bound.1), toUInt32(0)), attribute_names),
                                arrayMap(k -> transform(k, bound.1, arrayEnumerate(bound.1), toUInt32(0)), route_names),
                                arrayMap(k -> transform(k, bound.1, arrayEnumerate(bound.1), toUInt32(0)), other_names)) AS all_numbers,
                            arrayConcat(attribute_values, path_values, other_values) AS all_values,
                            arrayConcat(
                                arrayResize(CAST([], 'Array(UInt32)'), length(attribute_names), 0),
                                arrayResize(CAST([], 'Array(UInt32)'), length(route_names), 10000),
                                arrayResize(CAST([], 'Array(UInt32)'), length(other_names), 20000)) AS all_places,
                            if(empty(bound.9), [], [
                                splitByChar('/', splitByChar('?', left(target, 4000))[1]),
                                splitByRegexp('[./]', left(raw_destination, 4000)),
                                splitByRegexp('[./]', left(routing_key, 4000)),
                                splitByRegexp('[./]', left(event_subject, 4000))]) AS texts
                        FROM
                        (
                            SELECT
                                *,
                                -- what http.route calls a part of the path: {id}, {id:int}, <int:id>, :id
                                if(match(route, '/[{:<]') AND target != '' , arrayMap(
                                    s -> if(match(s, '^[{:<]'), replaceRegexpOne(s, '^[{:<](?:[a-z]+:)?([^{}:<>]*).*$', '\\1'), '/'),
                                    splitByChar('/', route)), []) AS route_names,
                                if(empty(route_names), [], arrayResize(
                                    arrayMap(s -> decodeURLComponent(s), splitByChar('/', splitByChar('?', left(target, 4000))[1])),
                                    length(route_names), '')) AS path_values
                            FROM
                            (
                                SELECT
                                    *,
                                    value_of('error.type') AS error_type,
                                    value_of('messaging.system') AS messaging_system,
                                    arrayFirst(v -> v != '', [
                                        value_of('messaging.destination.name'),
                                        value_of('messaging.destination_publish.name'),
                                        value_of('messaging.destination')]) AS raw_destination,
                                    value_of('messaging.destination.template') AS destination_template,
                                    value_of('messaging.rabbitmq.destination.routing_key') AS routing_key,
                                    value_of('cloudevents.event_subject') AS event_subject,
                                    lower(arrayFirst(v -> v != '', [
                                        value_of('messaging.operation.type'),
                                        value_of('messaging.operation'),
                                        value_of('messaging.operation.name')])) AS op,
                                    arrayFirst(v -> v != '', [value_of('messaging.message.id'), value_of('messaging.message_id')]) AS message_id,
                                    arrayFirst(v -> v != '', [value_of('messaging.destination.partition.id'), value_of('messaging.kafka.partition'),
                                        value_of('messaging.kafka.destination.partition')]) AS message_partition,
                                    arrayFirst(v -> v != '', [value_of('messaging.kafka.offset'), value_of('messaging.kafka.message.offset')]) AS message_offset,
                                    arrayFirst(v -> v != '', [value_of('messaging.kafka.message.key'), value_of('messaging.kafka.message_key'),
                                        value_of('messaging.message.key')]) AS message_key,
                                    arrayFirst(v -> v != '', [value_of('messaging.message.conversation_id'), value_of('messaging.conversation_id')]) AS conversation_id,
                                    arrayFirst(v -> v != '', [value_of('db.system.name'), value_of('db.system')]) AS database_system,
                                    arrayFirst(v -> v != '', [value_of('server.address'), value_of('net.peer.name')]) AS database_host,
                                    arrayFirst(v -> v != '', [value_of('db.namespace'), value_of('db.name')]) AS database_name,
                                    arrayFirst(v -> v != '', [value_of('http.request.method'), value_of('http.method')]) AS method,
                                    arrayFirst(v -> v != '', [value_of('http.route'), value_of('url.template')]) AS route,
                                    arrayFirst(v -> v != '', [
                                        value_of('url.path'), value_of('http.target'),
                                        path(value_of('url.full')), path(value_of('http.url'))]) AS target,
                                    value_of('rpc.method') AS rpc_method,
                                    value_of('rpc.service') AS rpc_service,
                                    arrayFirst(v -> v != '', [value_of('peer.service'), value_of('service.peer.name'), value_of('server.address'),
                                        value_of('net.peer.name'), value_of('http.host'), value_of('rpc.service')]) AS called
                                FROM
                                (
                                    SELECT
                                        TraceId, SpanId, ParentSpanId, ServiceName, SpanKind, SpanName, Timestamp, Duration, seen_at, stored_at,
                                        TraceState, StatusMessage,
                                        StatusCode = 'Error' AS failed,
                                        Links.TraceId AS link_traces,
                                        Links.SpanId AS link_spans,
                                        Events.Attributes AS event_attributes,
                                        mapKeys(SpanAttributes) AS attribute_names,
                                        mapValues(SpanAttributes) AS attribute_values,
                                        arrayMap(k -> transform(k, looked_at, CAST(arrayEnumerate(looked_at), 'Array(UInt8)'), toUInt8(0)),
                                            mapKeys(SpanAttributes)) AS known,
                                        arrayConcat(
                                            arrayFlatten(arrayMap(m -> mapKeys(m), Events.Attributes)),
                                            arrayFlatten(arrayMap(m -> mapKeys(m), Links.Attributes)),
                                            mapKeys(ResourceAttributes)) AS other_names,
                                        arrayConcat(
                                            arrayFlatten(arrayMap(m -> mapValues(m), Events.Attributes)),
                                            arrayFlatten(arrayMap(m -> mapValues(m), Links.Attributes)),
                                            mapValues(ResourceAttributes)) AS other_values,
                                        ResourceAttributes['service.namespace'] AS namespace,
                                        ResourceAttributes['service.version'] AS service_version,
                                        arrayFirst(v -> v != '', [ResourceAttributes['service.instance.id'], ResourceAttributes['host.name']]) AS instance
                                    FROM
                                    (
                                        SELECT * FROM otel_traces
                                        PREWHERE stored_at > fromUnixTimestamp64Nano({after:Int64}, 'UTC')
                                            AND stored_at <= fromUnixTimestamp64Nano({through:Int64}, 'UTC')
                                    ) AS stored
                                    CROSS JOIN (SELECT 1) AS gathered
                                )
                            )
                        )
                    )
                )
            )
        )
    )
)
SETTINGS query_plan_merge_expressions = 0, min_joined_block_size_rows = 20000, min_joined_block_size_bytes = 16000000;
