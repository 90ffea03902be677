"""The project's private PostgreSQL: its programs, its place on the disk, its backups."""
