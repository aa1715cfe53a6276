-- What our tables take on the disk, and what is left there.
SELECT
    (SELECT sum(bytes_on_disk) FROM system.parts WHERE database = currentDatabase()) AS bytes,
    (SELECT min(unreserved_space) FROM system.disks) AS free
