"""The browser's libraries: installed by npm as locked, copied to where Flask serves them."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from app.config import PROJECT_DIR
from app.errors import N_, DataError
from app.machine.disk import disk_errors
from app.machine.node import install_packages

VENDOR_DIR = PROJECT_DIR / "app" / "web" / "static" / "vendor"

# Package -> the files a page may ask for, as glob patterns below the package.
FILES = {
    "leaflet": ("dist/leaflet.js", "dist/leaflet.css", "dist/images/*.png", "LICENSE"),
    "bootstrap": ("dist/css/bootstrap.min.css", "dist/js/bootstrap.bundle.min.js", "LICENSE"),
    "@mapbox/point-geometry": ("index.js", "LICENSE"),
    "@mapbox/vector-tile": ("index.js", "LICENSE.txt"),
    "pbf": ("index.js", "LICENSE"),
    "bootstrap-icons": ("font/bootstrap-icons.min.css", "font/fonts/bootstrap-icons.woff2", "LICENSE"),
}
_STAMP = "locked.sha256"


def assets_current(vendor_dir: Path = VENDOR_DIR) -> bool:
    """Tell whether `vendor_dir` holds the files of the present lock file."""
    stamp = vendor_dir / _STAMP
    return stamp.exists() and stamp.read_text("utf-8") == _fingerprint()


def install_assets(var_dir: Path, vendor_dir: Path = VENDOR_DIR, project_dir: Path = PROJECT_DIR) -> None:
    """Install the locked packages and copy what pages use; all of it or nothing.

    No package may run a script of its own.

    Parameters
    ----------
    var_dir : Path
        Where Node is kept if the machine has none.
    vendor_dir : Path
        Replaced as a whole: ``<vendor_dir>/<package>/<path within the package>``.
    project_dir : Path
        Holds ``package.json`` and its lock file, and receives ``node_modules``.

    Raises
    ------
    SetupError
        If Node, npm or the disk refuse.
    DataError
        If a package lacks a file that is listed in `FILES`.
    """
    template = N_("The browser's libraries could not be installed by npm: “%(reason)s”.")
    with disk_errors(vendor_dir):
        install_packages(var_dir, project_dir, template)
        _copy(project_dir / "node_modules", vendor_dir)


def _copy(packages: Path, vendor_dir: Path) -> None:
    """Copy `FILES` beside `vendor_dir` and move them there when they are whole."""
    partial = vendor_dir.with_name(f"{vendor_dir.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for package, patterns in FILES.items():
        for pattern in patterns:
            found = sorted((packages / package).glob(pattern))
            if not found:
                raise DataError(
                    N_("The package %(package)s holds no %(file)s."), package=package, file=pattern
                )
            for file in found:
                copied = partial / package / file.relative_to(packages / package)
                copied.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copied)
    (partial / _STAMP).write_text(_fingerprint(), "utf-8")
    shutil.rmtree(vendor_dir, ignore_errors=True)
    partial.rename(vendor_dir)


def _fingerprint() -> str:
    """Return a hash of the lock file and of the list of files to copy."""
    locked = (PROJECT_DIR / "package-lock.json").read_bytes()
    return hashlib.sha256(locked + repr(FILES).encode()).hexdigest()
