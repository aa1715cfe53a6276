-- The steps that the model in force knows, by workflow.
SELECT workflow, steps
FROM models FINAL
WHERE model_at = (SELECT max(model_at) FROM models) AND ({workflow:String} = '' OR workflow = {workflow:String})
ORDER BY workflow
