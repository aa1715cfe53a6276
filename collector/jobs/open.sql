-- How many orders are unfinished, and how many of them have taken a step that the model doesn't know, and
-- owe one.
SELECT count() AS orders, countIf(notEmpty(news) AND notEmpty(owed.rule)) AS drifting FROM obligations FINAL;
