-- How many open orders have taken a step that the model doesn't know, and owe one.
SELECT count() AS orders FROM obligations FINAL WHERE notEmpty(news) AND notEmpty(owed.rule);
