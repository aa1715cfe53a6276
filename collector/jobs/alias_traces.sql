-- Traces whose spans just got other orders by their further ids are looked at as if they had got spans.
INSERT INTO arrivals
SELECT fromUnixTimestamp64Nano({through:Int64}, 'UTC') AS stored_at, TraceId, toUInt32(0) AS spans
FROM spans
WHERE keyed_at = {version:UInt64}
GROUP BY TraceId;
