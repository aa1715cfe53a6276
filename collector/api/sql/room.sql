-- Does the engine answer, and what is left on its disk?
SELECT (SELECT min(unreserved_space) FROM system.disks) AS free, max(version) AS version FROM schema_version
