-- What a span means: its role, a name without ids, and its own keys. Attribute names by OpenTelemetry's
-- semantic conventions, the present ones first, then older ones that instrumentations still send
-- (FastStream: messaging.destination_publish.name).
CREATE MATERIALIZED VIEW IF NOT EXISTS otel_traces_to_spans TO spans AS
WITH
    (a, names) -> arrayFirst(v -> v != '', arrayMap(n -> a[n], names)) AS first_of,
    (text) -> replaceRegexpAll(
        replaceRegexpAll(
            text,
            '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|\\b[0-9a-fA-F]{16,}\\b',
            '{id}'),
        '\\b([A-Za-z]{1,8}[-_])?[0-9]{3,}\\b',
        '{id}') AS without_ids,
    (path) -> arrayStringConcat(
        arrayMap(
            s -> if(match(s, '[0-9]') AND NOT match(s, '^v[0-9]{1,2}$'), '{id}', s),
            splitByChar('/', splitByChar('?', left(path, 1000))[1])),
        '/') AS path_template,
    (SELECT groupArray((workflow, keys)) FROM (SELECT workflow, argMax(keys, version) AS keys FROM workflows GROUP BY workflow ORDER BY workflow)) AS bound
SELECT
    TraceId,
    SpanId,
    ParentSpanId,
    ServiceName AS service,
    SpanKind AS kind,
    multiIf(
        messaging AND (op IN ('process', 'deliver')), 'process',
        messaging AND (op IN ('receive', 'poll', 'fetch')), 'receive',
        messaging AND (op IN ('publish', 'send')), 'send',
        messaging AND (op = 'create' OR endsWith(SpanName, ' create')), 'create',
        messaging AND (op != ''), '',
        messaging AND kind = 'Producer', 'send',
        messaging AND kind = 'Consumer', if(endsWith(SpanName, ' receive'), 'receive', 'process'),
        messaging, '',
        database_system != '' AND kind != 'Server', 'database',
        kind = 'Server', 'serve',
        kind = 'Client', 'call',
        '') AS role,
    left(multiIf(
        messaging, destination,
        role = 'database', database_system,
        role IN ('serve', 'call') AND method != '' AND route != '', concat(method, ' ', route),
        role IN ('serve', 'call') AND method != '' AND target != '', concat(method, ' ', path_template(target)),
        SpanAttributes['rpc.method'] != '',
            concat(SpanAttributes['rpc.service'], if(SpanAttributes['rpc.service'] = '', '', '/'), SpanAttributes['rpc.method']),
        without_ids(left(SpanName, 1000))), 200) AS operation,
    left(if(messaging,
        if(SpanAttributes['messaging.destination.template'] != '',
            SpanAttributes['messaging.destination.template'],
            without_ids(left(raw_destination, 1000))),
        ''), 200) AS destination,
    left(multiIf(
        role = 'call',
        first_of(SpanAttributes, ['peer.service', 'service.peer.name', 'server.address', 'net.peer.name', 'http.host', 'rpc.service']),
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
    StatusCode = 'Error' AS failed,
    left(if(failed,
        arrayStringConcat(
            arrayFilter(t -> t != '', arrayDistinct([
                if(SpanAttributes['error.type'] != '', SpanAttributes['error.type'],
                    arrayFirst(t -> t != '', arrayMap(e -> e['exception.type'], `Events.Attributes`))),
                if(StatusMessage != '', StatusMessage,
                    arrayFirst(t -> t != '', arrayMap(e -> e['exception.message'], `Events.Attributes`)))])),
            ': '),
        ''), 500) AS error,
    arrayFilter(o -> o.2 != '', arrayMap(
        w -> (w.1, left(arrayFirst(v -> v != '', arrayConcat(
            arrayMap(k -> SpanAttributes[k], w.2),
            arrayMap(k -> SpanAttributes[concat('baggage.', k)], w.2),
            arrayFlatten(arrayMap(e -> arrayMap(k -> e[k], w.2), `Events.Attributes`)))), 10240)),
        bound)) AS orders,
    first_of(SpanAttributes, ['messaging.message.id', 'messaging.message_id']) AS message_id,
    first_of(SpanAttributes, ['messaging.message.conversation_id', 'messaging.conversation_id']) AS conversation_id,
    `Links.TraceId` AS link_traces,
    `Links.SpanId` AS link_spans
FROM
(
    SELECT
        *,
        arrayFirst(v -> v != '', [
            SpanAttributes['messaging.destination.name'],
            SpanAttributes['messaging.destination_publish.name'],
            SpanAttributes['messaging.destination']]) AS raw_destination,
        SpanAttributes['messaging.system'] != '' OR raw_destination != ''
            OR SpanKind IN ('Producer', 'Consumer') AS messaging,
        lower(arrayFirst(v -> v != '', [
            SpanAttributes['messaging.operation.type'],
            SpanAttributes['messaging.operation'],
            SpanAttributes['messaging.operation.name']])) AS op,
        arrayFirst(v -> v != '', [SpanAttributes['db.system.name'], SpanAttributes['db.system']]) AS database_system,
        arrayFirst(v -> v != '', [SpanAttributes['server.address'], SpanAttributes['net.peer.name']]) AS database_host,
        arrayFirst(v -> v != '', [SpanAttributes['db.namespace'], SpanAttributes['db.name']]) AS database_name,
        arrayFirst(v -> v != '', [SpanAttributes['http.request.method'], SpanAttributes['http.method']]) AS method,
        arrayFirst(v -> v != '', [SpanAttributes['http.route'], SpanAttributes['url.template']]) AS route,
        arrayFirst(v -> v != '', [
            SpanAttributes['url.path'], SpanAttributes['http.target'],
            path(SpanAttributes['url.full']), path(SpanAttributes['http.url'])]) AS target
    FROM otel_traces
);
