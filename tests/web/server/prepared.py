"""An installation in which the service has started before."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from app.db.cluster.embedded import find_cluster
from app.db.cluster.prepared import code_fingerprint, mark_prepared
from app.db.engine import make_engine
from app.services.setup.compiling import make_kernels_ready
from app.services.setup.first_start import prepare_database


@contextmanager
def prepared_installation(fill: Callable[[Connection], object] | None = None) -> Iterator[Path]:
    """Yield the folder of a stopped service with the shipped data, and what `fill` adds to them."""
    var_dir = Path(tempfile.mkdtemp(prefix="prepared-"))
    var_dir.chmod(0o755)
    cluster, fingerprint = find_cluster(var_dir), code_fingerprint()
    make_kernels_ready(var_dir, fingerprint)
    try:
        with cluster.in_use():
            engine = make_engine(cluster.url())
            with engine.begin() as connection:
                prepare_database(connection, lambda _: None)
                mark_prepared(connection, fingerprint)
                if fill is not None:
                    fill(connection)
            engine.dispose()
        yield var_dir
    finally:
        cluster.stop()
        shutil.rmtree(var_dir, ignore_errors=True)
