"""The jobs: one .sql file each, run in order by the runner on an explicit clock."""
