"""Let the tools that know the standards judge the service: ``make conformance``.

The shipped data are served on a free port from a database of their own. ``ogctests`` and
``geojson-validator`` need other versions of libraries than the service and so run in an environment of
their own; GDAL's ``validate_gpkg`` runs in whichever Python of the machine has GDAL.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from app.cli.server.webserver import serving
from app.config import PROJECT_DIR, Settings
from app.domain.frames import CONTRACTS
from tests.databases import copy_of, loaded, throw_away_cluster

HERE = Path(__file__).parent
TOOLS = PROJECT_DIR / "var" / "conformance-env" / "bin" / "python"
PYTHONS = ("/usr/bin/python3", "python3")
WITH_GDAL = "import osgeo_utils.samples.validate_gpkg"


def main() -> int:
    """Run every tool, say what came of each, and return 0 if all found nothing wrong."""
    with served() as address:
        judged = {
            "ogctests, core": run_tool("ogc.py", f"{address}api"),
            "geojson-validator": run_tool("valid_geojson.py", f"{address}api"),
            "validate_gpkg": geopackages_are_valid(address),
        }
    for name, is_clean in judged.items():
        print(f"{name}: {VERDICTS[is_clean]}")
    return 1 if False in judged.values() else 0


VERDICTS = {True: "clean", False: "NOT CLEAN, see above", None: "not run"}


@contextmanager
def served() -> Iterator[str]:
    """Serve the shipped data; give the address, with a slash at the end."""
    folder = Path(tempfile.mkdtemp(prefix="nachbarschaft-conformance-"))
    # When this runs as root, the database's user must be able to walk through.
    folder.chmod(0o755)
    settings = replace(Settings.from_environment({"APP_VAR_DIR": str(folder)}), workers=1)
    cluster = throw_away_cluster(folder)
    try:
        with (
            cluster.in_use(),
            copy_of(cluster, loaded) as url,
            socket.create_server(("127.0.0.1", 0)) as listener,
            serving(settings, listener, url) as server,
        ):
            server.wait_for_answer()
            yield server.address
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def run_tool(script: str, address: str) -> bool:
    """Run a script of this folder in the tools' environment; say whether it found nothing wrong."""
    done = subprocess.run([TOOLS, HERE / script, address, *CONTRACTS], check=False)
    return done.returncode == 0


def geopackages_are_valid(address: str) -> bool | None:
    """Judge the GeoPackage of each collection; None where no Python of this machine has GDAL's tools."""
    python = next((found for found in PYTHONS if _has_gdal(found)), None)
    if python is None:
        print("No Python here has GDAL's tools: install it, for example by “apt-get install python3-gdal”.")
        return None
    with tempfile.TemporaryDirectory() as folder:
        judged = [_is_valid(python, address, name, Path(folder)) for name in CONTRACTS]
    return all(judged)


def _has_gdal(python: str) -> bool:
    if shutil.which(python) is None:
        return False
    return subprocess.run([python, "-c", WITH_GDAL], check=False, capture_output=True).returncode == 0


def _is_valid(python: str, address: str, collection: str, folder: Path) -> bool:
    file = folder / f"{collection}.gpkg"
    with urllib.request.urlopen(f"{address}exports/{collection}.gpkg", timeout=60) as answer:  # noqa: S310  own
        file.write_bytes(answer.read())
    command = [python, "-m", "osgeo_utils.samples.validate_gpkg", "--extra", str(file)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    told = (done.stdout + done.stderr).strip()
    if told:
        print(f"{collection}.gpkg: {told}")
    return done.returncode == 0 and not done.stderr.strip()


if __name__ == "__main__":
    sys.exit(main())
