"""The tables, one .sql file each, in the order of the data's way."""
