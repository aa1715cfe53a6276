-- The rules of the model in force.
SELECT workflow, after, step, service, destination, source, share, seen, of, median_s, p99_s, limit_s
FROM expectations FINAL
WHERE model_at = (SELECT max(model_at) FROM models) AND ({workflow:String} = '' OR workflow = {workflow:String})
ORDER BY workflow, after, step
