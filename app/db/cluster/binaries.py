"""Where PostgreSQL's programs are, and whether PostGIS is among them."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.errors import N_, SetupError
from app.machine import packages

_EXTENSIONS = ("postgis", "btree_gist")
_DEBIAN_BIN = "usr/lib/postgresql"


@dataclass(frozen=True)
class Binaries:
    """PostgreSQL's server programs of one version.

    Attributes
    ----------
    bin_dir : Path
        Folder that holds ``postgres``, ``initdb`` and ``pg_ctl``.
    version : int
        Major version, such as 15.
    """

    bin_dir: Path
    version: int

    def missing_extensions(self) -> list[str]:
        """Return the names of the needed extensions that this server does not carry."""
        return [
            name
            for name in _EXTENSIONS
            if not any((place / "extension" / f"{name}.control").exists() for place in self._share_dirs())
        ]

    def _share_dirs(self) -> Iterator[Path]:
        prefix = self.bin_dir.parent
        yield Path(f"/usr/share/postgresql/{self.version}")
        yield from (
            prefix / "share",
            prefix / "share" / "postgresql",
            prefix / f"share/postgresql@{self.version}",
        )
        if (asked := _output_of(self.bin_dir / "pg_config", "--sharedir")) is not None:
            yield Path(asked)


def find_binaries(only: Path | None = None, version: int | None = None, *, log: Path) -> Binaries:
    """Return the newest PostgreSQL that carries PostGIS, installing one by apt where this user may.

    Parameters
    ----------
    only : Path, optional
        The one folder to look in; nothing is installed then.
    version : int, optional
        The major version that is needed, because stored data was made by it.
    log : Path
        File for apt's output.

    Raises
    ------
    SetupError
        If there is none; the sentence names the package to install.
    """
    found = _complete(only, version)
    if found is None and only is None and packages.can_install():
        _install(version, log)
        found = _complete(only, version)
    if found is None:
        raise _nothing_found(only, version)
    return found


def _complete(only: Path | None, version: int | None) -> Binaries | None:
    """Return the newest server with every extension, of `version` if given."""
    fitting = (found for found in _servers(only) if version in (None, found.version))
    return next((found for found in fitting if not found.missing_extensions()), None)


def _servers(only: Path | None) -> Iterator[Binaries]:
    """Yield the servers of this machine, packaged ones first, newest first."""
    for bin_dir in [only] if only else _bin_dirs():
        if not (bin_dir / "initdb").exists() or not (bin_dir / "pg_ctl").exists():
            continue
        version = re.search(r"\) (\d+)", _output_of(bin_dir / "postgres", "--version") or "")
        if version:
            yield Binaries(bin_dir, int(version[1]))


def _bin_dirs() -> Iterator[Path]:
    root = Path("/")
    patterns = (
        f"{_DEBIAN_BIN}/*/bin",
        "usr/pgsql-*/bin",
        "opt/homebrew/opt/postgresql*/bin",
        "usr/local/opt/postgresql*/bin",
    )
    for pattern in patterns:
        yield from sorted(root.glob(pattern), key=_version_in_path, reverse=True)
    if (asked := _output_of("pg_config", "--bindir")) is not None:
        yield Path(asked)
    if (server := shutil.which("postgres")) is not None:
        yield Path(server).resolve().parent


def _version_in_path(bin_dir: Path) -> int:
    numbers = re.findall(r"\d+", str(bin_dir))
    return int(numbers[-1]) if numbers else 0


def _output_of(program: Path | str, option: str) -> str | None:
    """Return what `program` prints for `option`; None where it is missing or fails."""
    try:
        done = subprocess.run([program, option], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def _install(version: int | None, log: Path) -> None:
    """Install PostgreSQL with PostGIS by apt; of a `version` only where this system has it."""
    package = "postgresql-postgis" if version is None else f"postgresql-{version}-postgis-3"
    refused = packages.install(package, log=log)
    if refused is not None and version is None:
        raise SetupError(
            N_("PostGIS could not be installed: apt-get install %(package)s reports “%(reason)s”."),
            package=package,
            reason=refused,
        )


def _nothing_found(only: Path | None, version: int | None) -> SetupError:
    """Return the sentence about what to install."""
    if version is not None:
        return SetupError(
            N_(
                "The stored database needs PostgreSQL %(version)s with PostGIS, which is not "
                "installed: install postgresql-%(version)s-postgis-3, or transfer the data as "
                "described in docs/deploy.md."
            ),
            version=version,
        )
    if only is not None:
        return SetupError(
            N_("%(folder)s (APP_POSTGRES_BIN) contains no PostgreSQL server with PostGIS."), folder=only
        )
    return SetupError(
        N_(
            "PostgreSQL with PostGIS is missing: install the package %(package)s (for example by"
            " “%(command)s”), or set DATABASE_URL to a PostGIS database."
        ),
        **_advice(),
    )


def _advice() -> dict[str, str]:
    """Return the package that carries PostGIS on this system and the command that installs it."""
    if shutil.which("brew"):
        return {"package": "postgis", "command": "brew install postgis"}
    if shutil.which("dnf"):
        package = "postgis postgresql-server postgresql-contrib"
        return {"package": package, "command": f"sudo dnf install {package}"}
    package = "postgresql-postgis"
    return {"package": package, "command": packages.apt_command(package)}
