-- How far each job had got.
SELECT job, argMax(reached, at) AS reached FROM progress GROUP BY job;
