-- How many orders are to go.
SELECT count() AS orders FROM expired_orders;
