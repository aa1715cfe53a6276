-- One row an edge of a rule and model: how long orders waited there, from `last` (the last step they took
-- of the rule's `requires` and `handover`) to the first of its `any_of`; seconds on the collector's clock.
-- `n` got through; `armed_per_s` came to wait; `gap_s`: 99.9 % of the gaps between two that got through
-- are shorter. `late`: the longest waits (at most 100, longest first) after a later order had got through;
-- `tail`: how heavy their tail is (Hill estimate). They leave out how much later than usual the step's span was.
-- `unfollowed`: of those that got through, the share of which no later step showed it within 3 s, 3 s * 1.15, and
-- so on, each 1.15 times as long; `endless`: the share of which none ever did.
-- Written by learning; read by the judge and the API.
CREATE TABLE IF NOT EXISTS waits
(
    model_at DateTime64(9, 'UTC'),
    workflow String,
    rule String,
    last String,
    n UInt64,
    armed_per_s Float64,
    median_s Float64,
    p99_s Float64,
    limit_s Float64,
    gap_s Float64,
    late Array(Float64),
    tail Float64,
    unfollowed Array(Float64),
    endless Float64
)
ENGINE = ReplacingMergeTree
ORDER BY (model_at, workflow, rule, last)
SETTINGS default_compression_codec = 'ZSTD(1)';
