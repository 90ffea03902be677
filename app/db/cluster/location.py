"""Where the private cluster lives and as whom its server runs."""

from __future__ import annotations

import contextlib
import hashlib
import os
import pwd
import re
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.errors import N_, SetupError

# Room in a Unix socket's address on every system (Linux 107 bytes, macOS 103), less the socket's own name.
_LONGEST_SOCKET_DIR = 103 - len("/.s.PGSQL.5432")
_PLAIN = re.compile(r"[\w./ -]+")
# Files that name each other's folder, where the cluster does not lie in the installation's.
_POINTER, _OWNER = "postgres.place", "installation"


@dataclass(frozen=True)
class ClusterFolder:
    """The folder of a cluster.

    Attributes
    ----------
    root : Path
        Absolute folder that holds the data, the log and the locks; owned by `user`, mode 0700.
    user : str or None
        System user who runs the server; None means this process's own user.
    var_dir : Path or None
        The installation's folder where the cluster lies elsewhere; both then name each other, so that a
        moved installation finds its data, and a copied one does not take another's for its own.
    """

    root: Path
    user: str | None
    var_dir: Path | None = None

    @property
    def data_dir(self) -> Path:
        """Folder with PostgreSQL's own files."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self.root / "log"

    @property
    def stored_version(self) -> int | None:
        """Major version that made the stored data; None where nothing is stored."""
        marker = self.data_dir / "PG_VERSION"
        return int(marker.read_text().strip()) if marker.exists() else None

    def prepare(self) -> None:
        """Make the folder, for the server's user alone."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o700)
        if self.user is not None:
            account = pwd.getpwnam(self.user)
            os.chown(self.root, account.pw_uid, account.pw_gid)
        if self.var_dir is not None:
            (self.var_dir / _POINTER).write_text(f"{self.root}\n", "utf-8")
            (self.root / _OWNER).write_text(f"{self.var_dir}\n", "utf-8")

    def socket_dir(self) -> Path:
        """Return the folder of the server's socket, made where it is missing.

        It is `root`; where that path is too long for a socket's address or would need quoting in
        one, a folder of the server's user in the runtime or temporary folder, always the same one
        for one `root`.

        Raises
        ------
        SetupError
            If that folder exists and belongs to somebody else.
        """
        if len(os.fsencode(self.root)) <= _LONGEST_SOCKET_DIR and _PLAIN.fullmatch(str(self.root)):
            return self.root
        runtime = os.environ.get("XDG_RUNTIME_DIR") if self.user is None else None
        base = Path(runtime) if runtime and Path(runtime).is_dir() else Path(tempfile.gettempdir())
        short = base / f"nachbarschaft-{_fingerprint(self.root)}"
        if len(os.fsencode(short)) > _LONGEST_SOCKET_DIR:
            short = Path("/tmp") / short.name  # noqa: S108  made private and checked below
        _make_private(short, self.user)
        return short

    def remove_socket_dir(self) -> None:
        """Remove the socket's folder where it is outside `root`; the next start makes it again."""
        folder = self.socket_dir()
        if folder != self.root:
            with contextlib.suppress(OSError):
                folder.rmdir()


def find_place(var_dir: Path) -> ClusterFolder:
    """Return where the cluster of `var_dir` is, or is to be.

    PostgreSQL refuses to run as root, so root's cluster runs as the owner of the stored data, or
    ``postgres``. Where that user cannot reach `var_dir` (a checkout below ``/root``), the cluster
    lives in ``/var/lib``, and `var_dir` remembers where.

    Raises
    ------
    SetupError
        If the stored data belongs to another user or to the installation that this one was copied from,
        or there is no user to run the server.
    """
    if (found := stored_place(var_dir)) is not None:
        return found
    root, aside = _roots(var_dir)
    if os.geteuid() != 0:
        return ClusterFolder(root, None)
    user = _unprivileged_user()
    return (
        ClusterFolder(root, user) if _reaches(user, root) else ClusterFolder(aside, user, var_dir.absolute())
    )


def stored_place(var_dir: Path) -> ClusterFolder | None:
    """Return where the cluster of `var_dir` is; None where there is none yet. Raises as `find_place`."""
    root, aside = _roots(var_dir)
    if os.geteuid() != 0:
        _check_owner(root)
        return ClusterFolder(root, None) if _is_stored(root) else None
    for stored, keeper in ((root, None), (aside, var_dir.absolute())):
        if _is_stored(stored):
            return ClusterFolder(stored, _owner(stored / "data"), keeper)
    return None


def _roots(var_dir: Path) -> tuple[Path, Path]:
    """Return the cluster's folder within `var_dir`, and root's for where the server cannot go there."""
    root = var_dir.absolute() / "postgres"
    return root, _remembered(var_dir.absolute()) or Path("/var/lib") / f"nachbarschaft-{_fingerprint(root)}"


def _is_stored(root: Path) -> bool:
    return (root / "data" / "PG_VERSION").exists()


def _remembered(var_dir: Path) -> Path | None:
    """Return the folder outside of `var_dir` in which its cluster was made; None where there is none."""
    pointer = var_dir / _POINTER
    if not pointer.exists():
        return None
    place = Path(pointer.read_text("utf-8").strip())
    if os.geteuid() != 0:
        _check_owner(place)
    owner = place / _OWNER
    keeper = Path(owner.read_text("utf-8").strip()) if owner.exists() else var_dir
    if keeper != var_dir and (keeper / _POINTER).exists():
        raise SetupError(
            N_(
                "%(folder)s is a copy of %(keeper)s and would change its database in %(place)s: "
                "remove %(pointer)s to start with a database of its own."
            ),
            folder=var_dir,
            keeper=keeper,
            place=place,
            pointer=pointer,
        )
    return place


def _fingerprint(root: Path) -> str:
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:12]


def _owner(path: Path) -> str:
    uid = path.stat().st_uid
    if uid == 0:
        raise SetupError(
            N_("%(place)s belongs to root, and PostgreSQL refuses to run as root: give it to another user."),
            place=path,
        )
    return pwd.getpwuid(uid).pw_name


def _check_owner(root: Path) -> None:
    """Refuse a cluster that another user made."""
    if root.exists() and root.stat().st_uid != os.geteuid():
        raise SetupError(
            N_("%(place)s belongs to another user: run this as that user or as root, or set APP_VAR_DIR."),
            place=root,
        )


def _unprivileged_user() -> str:
    """Return the user whom PostgreSQL's packages make, never one that other services share."""
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError as error:
        raise SetupError(
            N_("PostgreSQL refuses to run as root and there is no user postgres: create one.")
        ) from error


def _reaches(user: str, root: Path) -> bool:
    """Return whether `user` may walk down to `root`, asked of the system itself (modes, groups, ACLs)."""
    root.parent.mkdir(parents=True, exist_ok=True)
    account = pwd.getpwnam(user)
    asked = subprocess.run(
        ["test", "-x", root.parent],
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[],
        check=False,
        cwd="/",
    )
    return asked.returncode == 0


def _make_private(folder: Path, user: str | None) -> None:
    """Make `folder` for `user` alone, and refuse one that somebody else put there."""
    uid, gid = os.geteuid(), os.getegid()
    if user is not None:
        account = pwd.getpwnam(user)
        uid, gid = account.pw_uid, account.pw_gid
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, uid, gid)
    except FileExistsError:
        pass
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != uid or found.st_mode & 0o077:
        raise SetupError(
            N_("%(place)s is not a private folder of the database's user: remove it."), place=folder
        )
