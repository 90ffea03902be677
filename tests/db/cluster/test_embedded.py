"""The private cluster: made, started, shared and stopped."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from app.db.cluster.embedded import Cluster, find_cluster
from app.db.cluster.programs import server_pid
from app.errors import SetupError
from tests.db.cluster.asking import as_service, ask
from tests.waiting import LAST_RESORT_S


def test_it_is_made_started_used_and_stopped_and_keeps_its_data(private: Cluster) -> None:
    with private.in_use():
        assert str(ask(private, "SELECT postgis_lib_version()")) >= "3"
        assert ask(private, "SELECT lower('ÄÖÜ')") == "äöü"
        assert ask(private, "SHOW timezone") == "UTC"
        with psycopg.connect(private.url().replace("+psycopg", "")) as server:
            server.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    assert not private.is_running()
    with private.in_use():
        assert ask(private, "SELECT answer FROM kept") == 42


def test_a_real_cluster_is_durable_and_a_throw_away_one_is_not(var_dir: Path) -> None:
    for durable, expected in ((True, "on"), (False, "off")):
        cluster = find_cluster(var_dir, durable=durable)
        with cluster.in_use():
            shown = {
                ask(cluster, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")
            }
            assert shown == {expected}
            assert ask(cluster, "SHOW data_checksums") == "on"


def test_it_listens_on_no_network_and_lets_only_the_two_users_in(private: Cluster) -> None:
    with private.in_use():
        assert ask(private, "SHOW listen_addresses") == ""
        assert stat.S_IMODE(private.place.root.stat().st_mode) == 0o700
        socket_file = private.place.socket_dir() / ".s.PGSQL.5432"
        assert stat.S_IMODE(socket_file.stat().st_mode) == 0o700
        rules = (private.place.data_dir / "pg_ident.conf").read_text().split()
        allowed = {word.strip('"') for word in rules[1::3]}
        me = pwd.getpwuid(os.geteuid()).pw_name
        assert allowed == {me, private.place.user or me}


def test_the_service_is_no_superuser(private: Cluster) -> None:
    with private.in_use():
        assert ask(private, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
        with pytest.raises(psycopg.errors.InsufficientPrivilege), as_service(private) as server:
            server.execute("COPY (SELECT 1) TO PROGRAM 'true'")


def test_a_second_start_changes_nothing(private: Cluster) -> None:
    assert private.start() is True
    pid = server_pid(private.place)
    assert private.start() is False
    assert server_pid(private.place) == pid
    assert private.stop() is True
    assert private.stop() is False


def test_the_last_user_stops_what_users_started(private: Cluster, var_dir: Path) -> None:
    other = find_cluster(var_dir, durable=False)
    with private.in_use():
        with other.in_use():
            pid = server_pid(private.place)
        assert server_pid(private.place) == pid
    assert not private.is_running()


def test_users_leave_a_server_that_was_started_before_them(private: Cluster) -> None:
    private.start()
    with private.in_use():
        pass
    assert private.is_running()
    private.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
def test_a_moved_installation_finds_its_data_and_a_copied_one_takes_no_others(tmp_path: Path) -> None:
    """Below a folder that the database's user cannot reach the cluster lies elsewhere."""
    here = tmp_path / "here"
    here.mkdir()
    tmp_path.chmod(0o700)
    cluster = find_cluster(here, durable=False)
    try:
        assert not cluster.place.root.is_relative_to(here)
        with cluster.in_use(), as_service(cluster) as server:
            server.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        shutil.copytree(here, tmp_path / "copy")
        with pytest.raises(SetupError, match=r"/copy is a copy of .*/here and would change its database"):
            find_cluster(tmp_path / "copy", durable=False)
        (tmp_path / "copy" / "postgres.place").unlink()
        assert find_cluster(tmp_path / "copy", durable=False).place.stored_version is None
        here.rename(tmp_path / "there")
        moved = find_cluster(tmp_path / "there", durable=False)
        assert moved.place.root == cluster.place.root
        with moved.in_use():
            assert ask(moved, "SELECT answer FROM kept") == 42
        assert find_cluster(tmp_path / "there", durable=False).place == moved.place
    finally:
        shutil.rmtree(cluster.place.root)


def test_a_kept_server_outlives_its_users(private: Cluster) -> None:
    with private.in_use():
        private.keep()
    assert private.is_running()
    private.stop()


def test_two_first_starts_at_once_make_one_cluster(var_dir: Path, tmp_path: Path) -> None:
    """Each ends only when it has seen the other one at work."""
    code = (
        "import sys, time; from pathlib import Path; from app.db.cluster.embedded import find_cluster; "
        "cluster = find_cluster(Path(sys.argv[1]), durable=False)\n"
        "with cluster.in_use():\n"
        "    met = Path(sys.argv[2]); (met / sys.argv[3]).touch()\n"
        "    while len(list(met.iterdir())) < 2: time.sleep(0.01)\n"
        "    assert cluster.is_running()"
    )

    met = tmp_path / "met"
    met.mkdir()

    def start(number: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, str(var_dir), str(met), str(number)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=2 * LAST_RESORT_S)

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(start, range(2)))
    assert [each.returncode for each in done] == [0, 0], [each.stderr for each in done]
    assert not find_cluster(var_dir).is_running()
    assert find_cluster(var_dir).place.stored_version is not None
