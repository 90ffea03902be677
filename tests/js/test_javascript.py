"""The browser's modules, tested by Node's own test runner."""

from __future__ import annotations

import subprocess

import pytest
from playwright._impl._driver import compute_driver_executable

from app.config import PROJECT_DIR

TESTS = sorted(str(file.relative_to(PROJECT_DIR)) for file in PROJECT_DIR.glob("tests/js/*.test.js"))


@pytest.mark.skipif(not TESTS, reason="no module has tests")
def test_modules() -> None:
    # Playwright brings its own, whatever the machine has.
    node = compute_driver_executable()[0]
    done = subprocess.run(
        [node, "--test", *TESTS], cwd=PROJECT_DIR, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "\n# fail 0\n" in done.stdout.replace("ℹ", "#")
