"""The project's Python environment; run by a Python that has nothing but its standard library.

``python -I app/machine/environment.py requirements.txt ...`` makes ``.venv`` and installs the named
files. A copy of each file in ``.venv`` tells later runs that nothing is to be done.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

PROJECT_DIR = Path(__file__).parents[2]
VENV_DIR = PROJECT_DIR / ".venv"
PYTHON = VENV_DIR / "bin" / "python"


class Refusal(Exception):  # noqa: N818  a sentence for a person
    """Why the environment cannot be made, in one sentence."""


def main(files: list[str]) -> None:
    """Make the environment and install `files`; exit with one sentence where that fails."""
    try:
        if not (PYTHON.exists() and _run([PYTHON, "-c", "import pip"])[0] == 0):
            make_venv()
        install(files)
    except Refusal as refusal:
        sys.exit(str(refusal))
    except OSError as error:
        sys.exit(f"{error.filename or VENV_DIR} cannot be written: {error.strerror}.")
    except KeyboardInterrupt:
        sys.exit(130)


def make_venv() -> None:
    """Make ``.venv``, with Debian's missing half of Python's venv installed where this user may."""
    say(f"Python environment with Python {sys.version_info.major}.{sys.version_info.minor}")
    shutil.rmtree(VENV_DIR, ignore_errors=True)
    code, said = _run([sys.executable, "-m", "venv", VENV_DIR])
    if code != 0 and "ensurepip" in said and _install_venv_package():
        code, said = _run([sys.executable, "-m", "venv", "--clear", VENV_DIR])
    if code == 0:
        return
    shutil.rmtree(VENV_DIR, ignore_errors=True)
    if "ensurepip" in said:
        raise Refusal(f"Python's venv is incomplete: install the package {_venv_package()} and try again.")
    raise Refusal(_reason("The Python environment cannot be made", said))


def install(files: list[str]) -> None:
    """Install the requirement files together, showing how far it is once a few seconds."""
    say("Python packages (the first time: about a minute)")
    wanted: list[str] = [word for name in files for word in ("-r", str(PROJECT_DIR / name))]
    pip: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--no-input",
        *wanted,
    ]
    code, said = _run(pip, tell=True)
    if code != 0:
        raise Refusal(_reason("The Python packages cannot be installed", said))
    for name in files:
        shutil.copyfile(PROJECT_DIR / name, VENV_DIR / f"installed-{name}")


def say(line: str) -> None:
    """Tell the person at the prompt what is being done."""
    sys.stderr.write(f"==> {line}\n")
    sys.stderr.flush()


def _run(command: Sequence[str | Path], *, tell: bool = False) -> tuple[int, str]:
    """Run `command`; return its exit code and all it said. `tell` shows its steps, one in two seconds."""
    said: list[str] = []
    told_at = 0.0
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            said.append(line)
            if tell and line.startswith(("Collecting", "Installing")) and time.monotonic() - told_at > 2:
                told_at = time.monotonic()
                sys.stderr.write(f"    {line.strip():.100}\n")
    return process.returncode, "".join(said)


def _venv_package() -> str:
    return f"python{sys.version_info.major}.{sys.version_info.minor}-venv"


def _install_venv_package() -> bool:
    """Install Debian's package by apt where this user may; tell whether that worked."""
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    if shutil.which("apt-get") is None or (sudo and shutil.which("sudo") is None):
        return False
    say(f"System package {_venv_package()}")
    install_it = [
        *sudo,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-q",
        "-y",
        "install",
        _venv_package(),
    ]
    return _run(install_it)[0] == 0 or (
        _run([*sudo, "apt-get", "-q", "update"])[0] == 0 and _run(install_it)[0] == 0
    )


def _reason(what: str, said: str) -> str:
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return f"The disk is full: free some space for {PROJECT_DIR} and try again."
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return f"{what}: {(errors or lines or ['no reason given'])[-1]}"


if __name__ == "__main__":
    main(sys.argv[1:])
