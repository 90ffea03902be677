"""The project's Python environment; run by a Python that has nothing but its standard library.

``python -I app/machine/environment.py requirements.txt ...`` looks at what this system lacks, makes
``.venv`` and installs the named files. A copy of each file in ``.venv`` tells later runs that nothing is
to be done.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

PROJECT_DIR = Path(__file__).parents[2]
# Isolated mode keeps it out; of the project only what needs no package is imported.
sys.path.insert(0, str(PROJECT_DIR))

from app.config import Settings  # noqa: E402
from app.errors import AppError  # noqa: E402
from app.machine import network, packages, system  # noqa: E402
from app.machine.setup_lock import one_at_a_time  # noqa: E402

VENV_DIR = PROJECT_DIR / ".venv"
PYTHON = VENV_DIR / "bin" / "python"


class EnvironmentFailure(Exception):  # noqa: N818  a sentence for a person
    """Why the environment cannot be made, in one sentence."""


def main(files: list[str]) -> None:
    """Make the environment and install `files`; exit with one sentence where that fails."""
    try:
        settings = Settings.from_environment()
        with one_at_a_time(settings.var_dir, lambda: report("Waiting for another set-up of this folder")):
            if are_installed(files):
                return
            install_system(settings.log, is_for_tests="requirements-dev.txt" in files)
            if not is_working():
                make_venv()
            install(files)
    except (EnvironmentFailure, AppError) as refusal:
        sys.exit(str(refusal))
    except OSError as error:
        sys.exit(f"{error.filename or VENV_DIR} cannot be written: {error.strerror}.")
    except KeyboardInterrupt:
        sys.exit(130)


def are_installed(files: list[str]) -> bool:
    """Whether the environment works and holds what `files` ask for; another set-up may have made it."""
    marks = [(PROJECT_DIR / name, VENV_DIR / f"installed-{name}") for name in files]
    are_marked = all(mark.exists() and mark.read_bytes() == wanted.read_bytes() for wanted, mark in marks)
    return are_marked and is_working()


def is_working() -> bool:
    """Return whether the environment works: a newer Python of the machine finds nothing in an older one's."""
    return PYTHON.exists() and _run([PYTHON, "-c", "import pip"])[0] == 0


def install_system(log: Path, *, is_for_tests: bool) -> None:
    """Install what this system lacks, or say all of it in one command to whoever may not install."""
    missing = system.missing_packages(is_for_tests=is_for_tests) if system.is_apt_system() else []
    if not missing:
        return
    if not packages.can_install():
        raise EnvironmentFailure(
            f"This machine lacks some packages. Have them installed first: {packages.apt_command(*missing)}"
        )
    report(f"System packages: {' '.join(missing)} (apt's lines: {log})")
    if (refused := packages.install(*missing, log=log)) is not None:
        raise EnvironmentFailure(
            network.SENTENCE if network.reports_offline(refused) else f"apt-get says: {refused}"
        )


def make_venv() -> None:
    """Make ``.venv``."""
    report(f"Python environment with Python {sys.version_info.major}.{sys.version_info.minor}")
    shutil.rmtree(VENV_DIR, ignore_errors=True)
    code, said = _run([sys.executable, "-m", "venv", VENV_DIR])
    if code == 0:
        return
    shutil.rmtree(VENV_DIR, ignore_errors=True)
    raise EnvironmentFailure(_reason("The Python environment cannot be made", said))


def install(files: list[str]) -> None:
    """Install the requirement files together, showing how far it is once a few seconds."""
    report("Python packages")
    wanted: list[str] = [word for name in files for word in ("-r", str(PROJECT_DIR / name))]
    pip: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "install",
        "--no-input",
        "--no-compile",
        *wanted,
    ]
    code, said = _run(pip, is_shown=True)
    if code != 0:
        raise EnvironmentFailure(_reason("The Python packages cannot be installed", said))
    # On every core, where pip has but one at work; a file that is no Python of today is left as it is.
    _run([PYTHON, "-m", "compileall", "-qq", "-j", "0", VENV_DIR / "lib"])
    for name in files:
        shutil.copyfile(PROJECT_DIR / name, VENV_DIR / f"installed-{name}")


def report(line: str) -> None:
    """Show the person at the prompt what is being done."""
    sys.stderr.write(f"==> {line}\n")
    sys.stderr.flush()


def _run(command: Sequence[str | Path], *, is_shown: bool = False) -> tuple[int, str]:
    """Run `command`; return its exit code and all it said. `is_shown` shows its steps, one in two seconds."""
    said: list[str] = []
    shown_at = 0.0
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            said.append(line)
            if is_shown and line.startswith(("Collecting", "Installing")) and time.monotonic() - shown_at > 2:
                shown_at = time.monotonic()
                sys.stderr.write(f"    {line.strip():.100}\n")
    return process.returncode, "".join(said)


def _reason(what: str, said: str) -> str:
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return f"The disk is full: free some space for {PROJECT_DIR} and try again."
    if network.reports_offline(said):
        return network.SENTENCE
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return f"{what}: {(errors or lines or ['no reason given'])[-1]}"


if __name__ == "__main__":
    main(sys.argv[1:])
