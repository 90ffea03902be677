"""The only room with SQL: models, engine, the private cluster, one query module a noun, migrations."""
