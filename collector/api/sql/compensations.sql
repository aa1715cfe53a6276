-- What undoes what, by the rules in force.
SELECT `any_of.step` AS any_of, compensates
FROM rules FINAL
WHERE model_at = (SELECT max(model_at) FROM models) AND workflow = {workflow:String} AND notEmpty(compensates)
