-- How large the judge's list is, and how much of it is dead: rows of orders that were closed.
SELECT count() AS stored, countIf(deleted) AS dead FROM obligations;
