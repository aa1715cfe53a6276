-- Which of some steps orders of a workflow have taken.
SELECT DISTINCT step
FROM order_facts
ARRAY JOIN `steps.step` AS step
WHERE workflow = {workflow:String} AND step IN {steps:Array(String)}
