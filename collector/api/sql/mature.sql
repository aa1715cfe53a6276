-- How many orders the model in force was learned from.
SELECT sum(mature_orders) AS mature_orders FROM models FINAL
WHERE model_at = (SELECT max(model_at) FROM models) AND ({workflow:String} = '' OR workflow = {workflow:String})
