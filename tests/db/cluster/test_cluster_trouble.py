"""What may befall a private cluster: crashes, full disks, odd paths, other versions, no PostGIS."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from app.db.cluster import binaries
from app.db.cluster.embedded import Cluster, find_cluster
from app.db.cluster.location import find_place, stored_place
from app.db.cluster.programs import server_pid
from app.errors import SetupError
from app.machine import packages
from tests.db.cluster.asking import as_service, ask
from tests.waiting import wait_until

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
needs_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc")


def wait_until_gone(pid: int) -> None:
    def is_gone() -> bool:
        return not Path(f"/proc/{pid}").exists() or "zombie" in Path(f"/proc/{pid}/status").read_text()

    wait_until(is_gone, f"the end of process {pid}")


@needs_proc
def test_it_starts_again_after_a_crash_with_all_that_was_committed(var_dir: Path) -> None:
    private = find_cluster(var_dir)
    private.start()
    with as_service(private) as server:
        server.execute("CREATE TABLE written_before AS SELECT 1 AS one")
    pid = server_pid(private.place)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(pid)
    assert (private.place.data_dir / "postmaster.pid").exists()
    assert not private.is_running()
    with private.in_use():
        assert ask(private, "SELECT one FROM written_before") == 1


@needs_proc
def test_a_dead_servers_number_may_belong_to_another_program(private: Cluster) -> None:
    """After a reboot the number in the pid file is anybody's; PostgreSQL alone would refuse to start."""
    with private.in_use():
        left_behind = (private.place.data_dir / "postmaster.pid").read_text()
    account = pwd.getpwnam(private.place.user) if private.place.user else None
    sleeper = subprocess.Popen(["sleep", "3600"], user=account.pw_uid if account else None)
    try:
        pid_file = private.place.data_dir / "postmaster.pid"
        pid_file.write_text("\n".join([str(sleeper.pid), *left_behind.split("\n")[1:]]))
        if account:
            os.chown(pid_file, account.pw_uid, account.pw_gid)
        assert not private.is_running()
        with private.in_use():
            assert ask(private, "SELECT 1") == 1
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


def test_a_half_made_cluster_is_made_anew(private: Cluster) -> None:
    private.place.prepare()
    (private.place.root / "data.partial" / "base").mkdir(parents=True)
    with private.in_use():
        assert ask(private, "SELECT 1") == 1
    assert not (private.place.root / "data.partial").exists()


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(var_dir: Path) -> None:
    deep = var_dir / ("Gewerbegebiete und ihre 'Nachbarn'" * 3) / "näher, noch näher"
    cluster = find_cluster(deep, durable=False)
    with cluster.in_use():
        socket_dir = cluster.place.socket_dir()
        assert len(os.fsencode(socket_dir)) < 90
        assert stat.S_IMODE(socket_dir.stat().st_mode) == 0o700
        assert ask(cluster, "SELECT 1") == 1
    assert not socket_dir.exists()


@pytest.mark.parametrize("name", ["with space", "o'clock", 'quo"te', "per%cent", "comma, path"])
def test_odd_characters_in_the_path_are_no_trouble(var_dir: Path, name: str) -> None:
    cluster = find_cluster(var_dir / name, durable=False)
    with cluster.in_use():
        assert ask(cluster, "SELECT 1") == 1


def test_a_socket_folder_of_somebody_else_is_refused(var_dir: Path) -> None:
    place = find_place(var_dir / ("x" * 120))
    short = place.socket_dir()
    short.chmod(0o777)
    with pytest.raises(SetupError, match="is not a private folder"):
        place.socket_dir()
    short.rmdir()


@needs_root
def test_where_the_servers_user_cannot_go_the_cluster_lives_in_var_lib(var_dir: Path) -> None:
    closed = var_dir / "closed"
    closed.mkdir(mode=0o700)
    cluster = find_cluster(closed / "var", durable=False)
    assert cluster.place.root.parent == Path("/var/lib")
    try:
        with cluster.in_use():
            assert ask(cluster, "SELECT 1") == 1
        assert find_place(closed / "var") == cluster.place
    finally:
        shutil.rmtree(cluster.place.root)


@needs_root
def test_a_full_disk_is_told_in_one_sentence_and_heals(var_dir: Path) -> None:
    small = var_dir / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", small], check=False).returncode:
        pytest.skip("tmpfs cannot be mounted here")
    try:
        cluster = find_cluster(small, durable=False)
        with pytest.raises(SetupError, match=r"^The disk is full: free some space for \S+ and try again\.$"):
            cluster.start()
        assert not cluster.is_running()
        subprocess.run(["mount", "-o", "remount,size=300m", small], check=True)
        with cluster.in_use():
            assert ask(cluster, "SELECT 1") == 1
    finally:
        subprocess.run(["umount", small], check=True)


def fill_up(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"\0" * 4096):
            pass
    assert shutil.disk_usage(filler).free == 0


@needs_root
def test_a_disk_that_fills_up_before_the_next_start_is_told(var_dir: Path) -> None:
    small = var_dir / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", small], check=False).returncode:
        pytest.skip("tmpfs cannot be mounted here")
    try:
        cluster = find_cluster(small, durable=False)
        with cluster.in_use():
            pass
        filler = small / "filler"
        fill_up(filler)
        with pytest.raises(SetupError, match="The disk is full"):
            cluster.start()
        assert not cluster.is_running()
        filler.unlink()
        with cluster.in_use():
            assert ask(cluster, "SELECT 1") == 1
    finally:
        subprocess.run(["umount", small], check=True)


def test_data_of_another_version_is_left_alone(private: Cluster, var_dir: Path) -> None:
    with private.in_use():
        pass
    (private.place.data_dir / "PG_VERSION").write_text("9\n")
    before = sorted(private.place.data_dir.iterdir())
    with pytest.raises(SetupError, match="needs PostgreSQL 9 with PostGIS, which is not installed"):
        find_cluster(var_dir, private.binaries.bin_dir)
    assert sorted(private.place.data_dir.iterdir()) == before


def test_where_no_package_has_the_version_of_the_data_the_way_to_another_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "_bin_dirs", lambda: iter([tmp_path]))
    monkeypatch.setattr(packages, "can_install", lambda: True)
    monkeypatch.setattr(packages, "install", lambda package, log: f"E: Unable to locate package {package}")
    with pytest.raises(SetupError, match=r"needs PostgreSQL 14 .* as described in docs/deploy\.md"):
        binaries.find_binaries(version=14, log=tmp_path / "log")


@needs_root
def test_roots_cluster_is_made_for_no_user_whom_others_share(
    var_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a bare machine only the packages of PostgreSQL bring its user; before them there is `nobody`."""

    def known(name: str) -> object:
        raise KeyError(name)

    monkeypatch.setattr(pwd, "getpwnam", known)
    assert stored_place(var_dir) is None
    with pytest.raises(SetupError, match="there is no user postgres"):
        find_place(var_dir)


def test_a_missing_postgis_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_bin_dirs", lambda: iter([tmp_path]))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SetupError, match=r"install the package postgresql-postgis .*or set DATABASE_URL"):
        binaries.find_binaries(log=tmp_path / "log")


def test_a_folder_without_postgres_is_told(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"\(APP_POSTGRES_BIN\) contains no PostgreSQL server with PostGIS"):
        binaries.find_binaries(tmp_path, log=tmp_path / "log")


def test_a_postgres_without_postgis_does_not_count(private: Cluster, tmp_path: Path) -> None:
    bare = tmp_path / "bin"
    bare.mkdir()
    for program in ("initdb", "pg_ctl"):
        (bare / program).symlink_to(private.binaries.bin_dir / program)
    (bare / "postgres").write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 99.1'\n")
    (bare / "postgres").chmod(0o755)
    found = next(binaries._servers(bare))
    assert found.version == 99
    assert found.missing_extensions() == ["postgis", "btree_gist"]
