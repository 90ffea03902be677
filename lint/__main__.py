"""Check the browser's modules: format, style, types. ``--fix`` mends what can be mended by a machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

from app.config import PROJECT_DIR, Settings
from app.errors import AppError
from app.machine.assets import install_assets
from app.machine.node import install_locked

FOLDER = Path(__file__).parent
PACKAGES = FOLDER / "node_modules"
CHECKED = ("app/web/static/js", "app/web/static/workers", "tests/js", "tests/openid", "lint")
PRETTIER = ("prettier/bin/prettier.cjs", "--config=lint/prettier.json", "--log-level=warn", *CHECKED)
ESLINT = ("eslint/bin/eslint.js", "--config=lint/eslint.config.js", *CHECKED)
TSC = "typescript/bin/tsc"


def install(var_dir: Path) -> None:
    """Install the tools as locked, unless they are there; and the libraries whose types are asked for."""
    if not (PROJECT_DIR / "node_modules" / "pbf").exists():
        install_assets(var_dir)
    install_locked(var_dir, FOLDER, "The tools for JavaScript could not be installed: “%(reason)s”.")


def main() -> None:
    """Run every tool, so that one run tells all there is to mend."""
    try:
        install(Settings.from_environment().var_dir)
    except AppError as error:
        sys.exit(str(error))
    is_fixing = "--fix" in sys.argv
    tools = [
        (*PRETTIER, "--write" if is_fixing else "--check"),
        (*ESLINT, *(["--fix"] if is_fixing else [])),
        (TSC, "-p", "lint/tsconfig.json"),
        (TSC, "-p", "lint/tsconfig.worker.json"),
    ]
    # Playwright brings its own, whatever the machine has.
    node = compute_driver_executable()[0]
    runs = [
        subprocess.run([node, str(PACKAGES / tool), *words], cwd=PROJECT_DIR, check=False)
        for tool, *words in tools
    ]
    sys.exit(any(run.returncode for run in runs))


if __name__ == "__main__":
    main()
