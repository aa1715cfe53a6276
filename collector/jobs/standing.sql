-- What a process that starts finds: the model in force, whether it has declared rules, the newest facts.
SELECT
    (SELECT toUnixTimestamp64Nano(max(model_at)) FROM models) AS model_at,
    (SELECT count() FROM rules WHERE source = 'declared' AND model_at = (SELECT max(model_at) FROM models)) AS declared,
    (SELECT max(version) FROM order_facts) AS facts_version;
