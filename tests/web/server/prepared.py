"""An installation in which the service has started before."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from app.db.cluster.embedded import find_cluster
from app.db.cluster.prepared import code_fingerprint
from app.db.engine import make_engine
from app.services.setup.compiling import make_kernels_ready
from tests.databases import loaded


@contextmanager
def prepared_installation(fill: Callable[[Connection], object] | None = None) -> Iterator[Path]:
    """Yield the folder of a stopped service with the shipped data, and what `fill` adds to them."""
    var_dir = Path(tempfile.mkdtemp(prefix="prepared-"))
    var_dir.chmod(0o755)
    cluster = find_cluster(var_dir)
    make_kernels_ready(var_dir, code_fingerprint())
    try:
        with cluster.in_use():
            engine = make_engine(cluster.url())
            with engine.begin() as connection:
                loaded(connection)
                if fill is not None:
                    fill(connection)
            engine.dispose()
        yield var_dir
    finally:
        cluster.stop()
        shutil.rmtree(var_dir, ignore_errors=True)
