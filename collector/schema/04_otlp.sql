-- An OTLP export request as columns. Stores nothing (Null): the view below flattens each insert into
-- `otel_traces`. `received_at` comes with the batch, in nanoseconds, from the collector's clock.
CREATE TABLE IF NOT EXISTS otlp
(
    received_at UInt64,
    resource_spans Array(Tuple(
        resource Tuple(attributes Array(Tuple(key String, value Tuple({AnyValue})))),
        scope_spans Array(Tuple(
            scope Tuple(name String, version String),
            spans Array(Tuple(
                trace_id String,
                span_id String,
                trace_state String,
                parent_span_id String,
                name String,
                kind Int32,
                start_time_unix_nano UInt64,
                end_time_unix_nano UInt64,
                attributes Array(Tuple(key String, value Tuple({AnyValue}))),
                events Array(Tuple(
                    time_unix_nano UInt64,
                    name String,
                    attributes Array(Tuple(key String, value Tuple({AnyValue}))))),
                links Array(Tuple(
                    trace_id String,
                    span_id String,
                    trace_state String,
                    attributes Array(Tuple(key String, value Tuple({AnyValue}))))),
                status Tuple(message String, code Int32)))))))
)
ENGINE = Null;
