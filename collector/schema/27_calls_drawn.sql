-- The rows of `calls` that the present run is about to write, with its columns. Emptied before and after.
CREATE TABLE IF NOT EXISTS calls_drawn AS calls
ENGINE = Memory;
