-- The calls that were just drawn take the place of those that stood there.
INSERT INTO calls SELECT * FROM calls_drawn;
