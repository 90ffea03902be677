"""A mark in the database of which state of code and shipped data has prepared it.

Finding out what is to be done needs migrations, geometry and routing, slow to import; a start that
finds the mark of this very state skips all that.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, text

from app.config import PROJECT_DIR


def code_fingerprint() -> str:
    """Return a hash of the project's code, libraries and shipped data, 64 hexadecimal digits."""
    files = [*PROJECT_DIR.glob("app/**/*.py"), *PROJECT_DIR.glob("geodata/**/*.*")]
    files.append(PROJECT_DIR / "requirements.txt")
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(str(file.relative_to(PROJECT_DIR)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_prepared(connection: Connection, fingerprint: str) -> bool:
    """Return whether the database carries the mark `fingerprint` and still holds neighbors."""
    found = connection.execute(
        text("SELECT obj_description(to_regclass('alembic_version')), to_regclass('adjacency') IS NOT NULL")
    ).one()
    if tuple(found) != (fingerprint, True):
        return False
    # The mark outlives what a person deletes by hand or undoes by a migration.
    return bool(connection.execute(text("SELECT EXISTS (SELECT FROM adjacency)")).scalar_one())


def mark_prepared(connection: Connection, fingerprint: str) -> None:
    """Set the mark; the caller commits it together with the preparations."""
    if not fingerprint.isalnum():
        raise ValueError(fingerprint)
    connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{fingerprint}'"))
