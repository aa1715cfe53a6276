-- How many further ids of orders were just found, or found to be of another order.
SELECT count() AS aliases FROM aliases WHERE version = {version:UInt64};
