-- One row a place where a span may carry the id of an order; `position` is the order of preference.
-- `owner` numbers the keys: a workflow's own one (`key` ''), or a further id of its orders (`aliased`: the
-- workflow has such); `head` marks an owner's first row. The place is an attribute (`alike`: the positions
-- of all rows with this attribute, for workflows may share one); or the segment `at` of
-- a text (1 the path, 2 the destination, 3 the routing key, 4 the event's subject) that is like `segments`
-- ('*' any, `open`: more may follow); at = 0: the message's key, if the text is alike.
-- `namespace`, `services`: whose spans count ('': everybody's; services each in a line of their own).
-- Written from the settings and the declared flows, at the start and when those change; read by the spans job.
CREATE TABLE IF NOT EXISTS workflows
(
    position UInt32,
    owner UInt32,
    head Bool,
    workflow String,
    key String,
    aliased Bool,
    namespace String,
    services String,
    attribute String,
    alike Array(UInt32),
    text UInt8,
    segments Array(String),
    at UInt32,
    open Bool,
    version UInt64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY position
SETTINGS default_compression_codec = 'ZSTD(1)';
