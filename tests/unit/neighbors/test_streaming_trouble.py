"""Processes that are killed, workers that are lost, memory that is scarce."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest

from app.analysis.adjacency import Tolerances
from app.errors import InputError, SetupError
from app.services.land.plot_reading import Reading
from app.services.neighbors import tiled_pairs
from app.services.neighbors.streaming import stream_neighbors
from app.services.neighbors.tiled_pairs import NeighborRequest, Resources
from tests.scenes import seven_plots
from tests.unit.adjacency.fabrics import blocks
from tests.waiting import wait_until

ROOT = Path(__file__).parents[3]
# The command, which stops itself as soon as it has made so many files of a kind. The signal goes to the very
# thread that made the last of them, and the others wait for it: nothing more is made before it stands still.
STOPPING = """
import itertools, runpy, signal, sys, threading
from pathlib import Path
kind, n, replace = sys.argv[1], int(sys.argv[2]), Path.replace
made, alone = itertools.count(1), threading.Lock()
def replaced(self, target):
    with alone:
        there = replace(self, target)
        if there.parent.name == kind and next(made) == n:
            signal.pthread_kill(threading.get_ident(), signal.SIGSTOP)
    return there
Path.replace = replaced
sys.argv[:3] = ["app"]
runpy.run_module("app", run_name="__main__", alter_sys=True)
"""


def command(plots: Path, out: Path, *options: str) -> list[str]:
    arguments = ["neighbors", "compute", str(plots), "--out", str(out), *options]
    return [sys.executable, "-m", "app", *arguments]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}


def computed(plots: Path, out: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end, however long it takes on a busy machine."""
    return subprocess.run(
        command(plots, out, *options), capture_output=True, text=True, env=environment(), check=False
    )


def compute(plots: Path, out: Path, *options: str) -> str:
    """Run the command, which must succeed; return what it said."""
    done = computed(plots, out, *options)
    assert done.returncode == 0, done.stderr
    return done.stderr


def n_files(out: Path, kind: str) -> int:
    return len(list(out.with_name(f"{out.name}.parts").glob(f"{kind}/*.arrow")))


@contextmanager
def stopped(plots: Path, out: Path, kind: str, n: int) -> Iterator[subprocess.Popen[bytes]]:
    """Start the command and yield it as it stands still, with `n` files of a kind made; then it goes on."""
    arguments = command(plots, out, "--memory-mb", "1")[3:]
    stopping = [sys.executable, "-c", STOPPING, kind, str(n), *arguments]
    with subprocess.Popen(stopping, env=environment(), cwd=ROOT) as process:
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), f"ended with {status} before it had made {n} of {kind}"
        assert n_files(out, kind) == n
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)


def killed(plots: Path, out: Path, kind: str, n: int) -> None:
    """Start the command, and kill it when it has made `n` files of a kind."""
    with stopped(plots, out, kind, n) as process:
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert not out.exists()


def request_for(plots: Path, **lengths: float) -> NeighborRequest:
    return NeighborRequest(Reading(plots), Tolerances(**lengths))


@pytest.fixture(scope="module")
def plots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten thousand plots in the order of chance."""
    path = tmp_path_factory.mktemp("plots") / "plots.parquet"
    blocks(5, 34).sample(frac=1, random_state=5).to_parquet(path, row_group_size=1_000)
    return path


@pytest.fixture(scope="module")
def pairs(plots: Path) -> bytes:
    """Their pairs, computed at once."""
    out = plots.with_name("whole.parquet")
    stream_neighbors(request_for(plots), Resources(), out)
    return out.read_bytes()


def test_a_killed_run_goes_on_where_it_was(
    plots: Path, pairs: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "pairs.parquet"
    killed(plots, out, "pairs", 3)
    n_done = n_files(out, "pairs")
    n_computed = 0
    pair_tile = tiled_pairs.pair_tile

    def counted(*row: Any) -> None:
        nonlocal n_computed
        n_computed += 1
        pair_tile(*row)

    monkeypatch.setattr(tiled_pairs, "pair_tile", counted)
    # Other means are no other order.
    done = stream_neighbors(request_for(plots), Resources(500, n_threads=1), out, is_resumed=True)
    assert out.read_bytes() == pairs
    assert n_computed == len(done.plan.tiles) - n_done
    assert n_done == 3
    assert n_computed > 3
    assert list(tmp_path.iterdir()) == [out]


def test_a_run_killed_while_it_read_begins_anew(plots: Path, pairs: bytes, tmp_path: Path) -> None:
    out = tmp_path / "pairs.parquet"
    killed(plots, out, "read", 1)
    assert not (tmp_path / "pairs.parquet.parts" / "plan.json").exists()
    compute(plots, out, "--resume")
    assert out.read_bytes() == pairs


def test_without_resume_what_was_left_is_not_looked_at(plots: Path, pairs: bytes, tmp_path: Path) -> None:
    out = tmp_path / "pairs.parquet"
    killed(plots, out, "pairs", 2)
    for left in (tmp_path / "pairs.parquet.parts" / "pairs").iterdir():
        left.write_bytes(b"rubbish")
    compute(plots, out)
    assert out.read_bytes() == pairs


def test_resume_without_anything_left_just_computes(plots: Path, pairs: bytes, tmp_path: Path) -> None:
    out = tmp_path / "pairs.parquet"
    stream_neighbors(request_for(plots), Resources(), out, is_resumed=True)
    assert out.read_bytes() == pairs


def test_another_order_is_not_gone_on_with(plots: Path, tmp_path: Path) -> None:
    own, out = tmp_path / "plots.parquet", tmp_path / "pairs.parquet"
    own.write_bytes(plots.read_bytes())
    killed(own, out, "pairs", 1)
    left = sorted(tmp_path.rglob("*"))
    with pytest.raises(InputError, match="was begun with another file or other options"):
        stream_neighbors(request_for(own, across_m=20), Resources(), out, is_resumed=True)
    os.utime(own)
    with pytest.raises(InputError, match="was begun with another file or other options"):
        stream_neighbors(request_for(own), Resources(), out, is_resumed=True)
    assert sorted(tmp_path.rglob("*")) == left


def test_two_processes_do_not_work_on_one_file(plots: Path, tmp_path: Path) -> None:
    out = tmp_path / "pairs.parquet"
    with (
        stopped(plots, out, "read", 1) as process,
        pytest.raises(InputError, match="Another process is already working in"),
    ):
        stream_neighbors(request_for(plots), Resources(), out)
    assert process.returncode == 0
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("name", ["plots.fgb", "plots.parquet"])
def test_a_hundred_thousand_plots_keep_to_their_memory(tmp_path: Path, name: str) -> None:
    """At once they would take about 100 MB more than seven plots do."""
    few, many, out = tmp_path / "few.fgb", tmp_path / name, tmp_path / "pairs.csv"
    seven_plots().to_file(few, engine="pyogrio")
    made = blocks(9, 106)
    assert len(made) > 100_000
    made.to_parquet(many) if name.endswith("parquet") else made.to_file(many, engine="pyogrio")
    memory_mb = 32
    base_mb = peak_mb(few, out, memory_mb)
    assert peak_mb(many, out, memory_mb) - base_mb < memory_mb
    assert out.read_bytes().count(b"\n") > 250_000


def peak_mb(plots: Path, out: Path, memory_mb: int) -> float:
    """Return the largest resident memory of the command."""
    options = ("--memory-mb", str(memory_mb), "--threads", "2")
    with subprocess.Popen(
        command(plots, out, *options), env=environment(), stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss / 1024


@pytest.fixture
def cluster() -> Iterator[Any]:
    """Two workers, each with a nanny that starts it again."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=60, processes=True
    ) as made:
        yield made


def worker_pids(cluster: Any) -> list[int]:
    return [nanny.pid for nanny in cluster.workers.values()]


@pytest.mark.filterwarnings("default")
def test_a_killed_worker_costs_its_tiles_only(
    plots: Path, pairs: bytes, tmp_path: Path, cluster: Any
) -> None:
    out, path = tmp_path / "pairs.parquet", tmp_path / "plots.fgb"
    gpd.read_parquet(plots).to_file(path, engine="pyogrio")
    before = worker_pids(cluster)

    killed: list[int] = []

    def kill_one(_share: float) -> None:
        if not killed and n_files(out, "pairs") >= 3:
            os.kill(before[0], signal.SIGKILL)
            killed.append(before[0])

    means = Resources(0.5, cluster=cluster.scheduler_address)
    done = stream_neighbors(request_for(path), means, out, report=kill_one)
    assert killed
    assert len(done.plan.tiles) > 10
    assert out.read_bytes() == pairs
    assert sorted(tmp_path.iterdir()) == [out, path]
    wait_until(lambda: worker_pids(cluster)[0] != before[0], "another worker in the place of the lost one")


def test_local_workers_read_a_folder_and_give_the_same_bytes(
    plots: Path, pairs: bytes, tmp_path: Path
) -> None:
    out, path = tmp_path / "pairs.parquet", tmp_path / "folder"
    rows = gpd.read_parquet(plots)
    path.mkdir()
    for number, some in enumerate(np.array_split(np.arange(len(rows)), 3)):
        rows.iloc[some].to_parquet(path / f"part-{number}.parquet", row_group_size=1_500)
    said = compute(path, out, "--cluster", "local", "--threads", "2", "--memory-mb", "2")
    assert out.read_bytes() == pairs
    assert said.count("\n") == 2
    assert f"{len(rows)} plots, pairs: overlap 0, edge" in said


def test_bad_plots_are_refused_by_workers_in_the_same_words(tmp_path: Path) -> None:
    path = tmp_path / "plots.parquet"
    seven_plots().assign(key=[*"ABCDE", None, "G"]).to_parquet(path, row_group_size=2)
    done = computed(path, tmp_path / "pairs.csv", "--cluster", "local", "--threads", "1")
    assert (done.returncode, done.stderr) == (3, "Plot no. 6 has no key in column “key”.\n")
    assert list(tmp_path.iterdir()) == [path]


def test_no_scheduler_there_is_one_sentence(plots: Path, tmp_path: Path) -> None:
    out = tmp_path / "pairs.csv"
    with pytest.raises(SetupError, match=r"There is no Dask scheduler at “tcp://127\.0\.0\.1:9”"):
        stream_neighbors(request_for(plots), Resources(cluster="tcp://127.0.0.1:9"), out)
    assert not out.exists()


@pytest.mark.parametrize("package", ["dask", "dask_geopandas", "distributed"])
def test_without_dask_there_is_one_sentence(
    plots: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    out = tmp_path / "pairs.csv"
    sentence = f"--cluster needs {package}: pip install -r requirements-cluster.txt"
    with pytest.raises(SetupError, match=f"^{sentence}$"):
        stream_neighbors(request_for(plots), Resources(cluster="local"), out)
    assert not out.exists()


def test_dask_is_not_imported_without_a_cluster() -> None:
    program = "import sys, app.cli.neighbors.compute; sys.exit('dask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], env=environment(), check=False).returncode == 0
