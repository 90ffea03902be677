"""A whole database in one file, by PostgreSQL's own programs, and back into an empty one.

The file is a zip of PostgreSQL's archive, the key that signs sessions and links, and what made it. It does
not depend on the server's version: what one major version wrote, a newer one reads.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, make_url, text

from app.errors import N_, ConflictError, DataError, SetupError

_OF_EXTENSIONS = re.compile(r" EXTENSION | spatial_ref_sys ")
ARCHIVE, SECRET, ABOUT = "database.pgdump", "secret_key", "about.json"


def dump_database(url: str, secret: str, file: Path, bin_dir: Path | None = None) -> None:
    """Write the database at `url`, as it is at one moment, to a new file that only its owner reads.

    Parameters
    ----------
    url : str
        SQLAlchemy URL.
    secret : str
        The key that signs sessions.
    file : Path
        Made anew; an older one stays until the new one is whole.
    bin_dir : Path, optional
        Where pg_dump is; on the path without it.

    Raises
    ------
    SetupError
        If pg_dump is missing, or refuses.
    """
    partial = file.with_name(f".{file.name}.partial")
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder) / ARCHIVE
        _run(
            "pg_dump", bin_dir, url, ["--format=custom", "--no-owner", "--no-privileges", f"--file={archive}"]
        )
        try:
            partial.unlink(missing_ok=True)
            partial.touch(mode=0o600)
            with zipfile.ZipFile(partial, "w") as made:
                made.write(archive, ARCHIVE)
                made.writestr(SECRET, secret)
                made.writestr(ABOUT, json.dumps({"application": "nachbarschaft"}))
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)


def restore_database(url: str, file: Path, bin_dir: Path | None = None) -> str:
    """Fill the empty database at `url` from `file`, all of it or nothing; return the key that signs sessions.

    Raises
    ------
    DataError
        If `file` was not written by `dump_database`.
    SetupError
        If pg_restore is missing, or refuses.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            with zipfile.ZipFile(file) as given:
                given.extract(ARCHIVE, folder)
                secret = given.read(SECRET).decode()
        except (OSError, KeyError, zipfile.BadZipFile):
            raise DataError(N_("%(file)s was not written by “db dump”."), file=file.name) from None
        archive, wanted = Path(folder) / ARCHIVE, Path(folder) / "wanted"
        listed = _run("pg_restore", bin_dir, None, ["--list", str(archive)])
        # Extensions and their tables are there already; only their owner may touch them.
        ours = [line for line in listed.splitlines() if not _OF_EXTENSIONS.search(line)]
        wanted.write_text("\n".join([*ours, ""]))
        options = ["--single-transaction", "--no-owner", "--no-privileges", f"--use-list={wanted}"]
        _run("pg_restore", bin_dir, url, [*options, str(archive)])
    return secret


def check_empty(connection: Connection) -> None:
    """Refuse a database that has tables of ours.

    Raises
    ------
    ConflictError
    """
    if connection.execute(text("SELECT to_regclass('alembic_version') IS NOT NULL")).scalar_one():
        raise ConflictError(
            N_(
                "The database already contains data, which a backup would replace: restore into an "
                "empty one, for example with APP_VAR_DIR=another-folder."
            )
        )


def _run(program: str, bin_dir: Path | None, url: str | None, options: Sequence[str]) -> str:
    """Run one of PostgreSQL's client programs, no password in its arguments; return what it printed."""
    found = str(bin_dir / program) if bin_dir else shutil.which(program)
    if found is None:
        raise SetupError(
            N_("%(program)s is missing: install the package postgresql-client."), program=program
        )
    environment = dict(os.environ)
    target = []
    if url is not None:
        address = make_url(url).set(drivername="postgresql")
        if address.password:
            environment["PGPASSWORD"] = str(address.password)
        target = [f"--dbname={address.set(password=None).render_as_string(hide_password=False)}"]
    done = subprocess.run(
        [found, *target, *options],
        env={**environment, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["?"])[0]
        raise SetupError(N_("%(program)s reports “%(reason)s”."), program=program, reason=reason)
    return done.stdout
