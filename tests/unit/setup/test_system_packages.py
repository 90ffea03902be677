"""System packages: what is missing, how it is installed, and what an interrupt does meanwhile."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.machine import network, packages, system
from app.machine.setup_lock import one_at_a_time


def fake_apt(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program called apt-get first on the path, and let this user be one who may install."""
    program = folder / "apt-get"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(packages, "_privilege", list)
    monkeypatch.setattr(packages, "_NO_CLUSTER", folder / "conf" / "none.conf")


def test_what_apt_says_goes_into_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: object
) -> None:
    fake_apt(tmp_path, monkeypatch, 'echo "$@"; test -e "%s"' % (tmp_path / "conf" / "none.conf"))
    log = tmp_path / "var" / "log"
    assert packages.install("one", "two", log=log) is None
    said = log.read_text().split()
    assert said[-5:] == ["DPkg::Lock::Timeout=600", "install", "--no-install-recommends", "one", "two"]
    assert not (tmp_path / "conf" / "none.conf").exists()
    assert capfd.readouterr() == ("", "")  # type: ignore[attr-defined]


def test_what_apt_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_apt(tmp_path, monkeypatch, "echo 'E: Unable to locate package x'; echo more; exit 100")
    assert packages.install("x", log=tmp_path / "log") == "E: Unable to locate package x"


def test_what_follows_from_a_missing_network_is_told_as_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a network apt-get updates with success, and then knows no package."""
    offline = "W: Failed to fetch http://x/InRelease  Temporary failure resolving 'x'"
    script = (
        f'case "$*" in *update*) echo "{offline}";; *) echo "E: Unable to locate package x"; exit 100;; esac'
    )
    fake_apt(tmp_path, monkeypatch, script)
    assert packages.install("x", log=tmp_path / "log") == offline
    assert network.reports_offline(offline)


def test_an_interrupt_waits_for_apt(tmp_path: Path) -> None:
    """Ctrl-C reaches the whole group of the terminal; apt goes on to its end, then the program ends."""
    program = tmp_path / "apt-get"
    program.write_text(
        f"#!/bin/sh\ntouch {tmp_path}/begun\nwhile ! test -e {tmp_path}/go; do sleep 0.1; done\n"
        f"touch {tmp_path}/done\n"
    )
    program.chmod(0o755)
    code = (
        "import signal, sys; from pathlib import Path; from app.machine import packages\n"
        # Who runs the tests in the background has told them to take no notice of Ctrl-C.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "packages._privilege = lambda: []; packages._NO_CLUSTER = Path(sys.argv[1]) / 'conf' / 'x'\n"
        "packages.install('x', log=Path(sys.argv[1]) / 'log')"
    )
    running = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)],
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not (tmp_path / "begun").exists():
        time.sleep(0.05)
    os.killpg(running.pid, signal.SIGINT)
    assert running.stderr
    running.stderr.readline()
    assert running.stderr.readline() == "Stopping when apt has finished what it began.\n"
    assert running.poll() is None
    (tmp_path / "go").touch()
    running.stderr.read()
    running.stderr.close()
    assert running.wait() == -signal.SIGINT
    assert (tmp_path / "done").exists()


def test_all_that_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setattr(system, "has_venv", lambda: False)
    monkeypatch.setattr(system, "_has_postgis", lambda: False)
    monkeypatch.setattr("ctypes.util.find_library", lambda name: None)
    monkeypatch.setattr(system, "find_chromium", lambda: None)
    monkeypatch.setattr(system, "is_ubuntu", lambda: False)
    missing = system.missing_packages(is_for_tests=True)
    venv = f"python3.{sys.version_info.minor}-venv"
    pango = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", *system.FONTS]
    assert missing == [venv, "postgresql-postgis", *pango, "libatomic1", "chromium"]
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/x")
    assert "postgresql-postgis" not in system.missing_packages(is_for_tests=False)


@pytest.mark.parametrize(("has_sudo", "before"), [(True, "sudo "), (False, "")])
def test_the_command_names_sudo_only_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, has_sudo: bool, before: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if has_sudo:
        (tmp_path / "sudo").write_text("#!/bin/sh\n")
        (tmp_path / "sudo").chmod(0o755)
    assert packages.apt_command("a", "b") == (
        f"{before}apt-get update && {before}apt-get install -y --no-install-recommends a b"
    )


def test_nothing_is_missing_here() -> None:
    """Whoever runs the tests has installed it all."""
    assert system.missing_libraries({**system.PDF_LIBRARIES, **system.DRIVER_LIBRARIES}) == []


@pytest.mark.parametrize(
    "said",
    [
        "Failed to establish a new connection: NewConnectionError(...)",
        "npm error code ENOTFOUND",
        "E: Failed to fetch x  Temporary failure resolving 'y'",
    ],
)
def test_a_machine_without_a_network_is_known(said: str) -> None:
    assert network.reports_offline(said)
    assert not network.reports_offline("ERROR: No matching distribution found for x==1")


def test_two_set_ups_wait_for_each_other(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from app.machine.setup_lock import one_at_a_time\n"
        "with one_at_a_time(Path(sys.argv[1]), lambda: print('waiting', flush=True)): print('in', flush=True)"
    )
    with one_at_a_time(tmp_path):
        second = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert second.stdout
        assert second.stdout.readline() == "waiting\n"
    assert second.stdout.readline() == "in\n"
    second.stdout.close()
    assert second.wait() == 0
