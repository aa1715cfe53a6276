-- How many traces are to go.
SELECT count() AS traces FROM expired;
