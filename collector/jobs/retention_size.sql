-- What the tables take of the disk.
SELECT sum(bytes_on_disk) AS bytes FROM system.parts WHERE active AND database = currentDatabase();
