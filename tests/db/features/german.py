"""Texts in German order, as another program than the database has it: JavaScript's collator."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable

from playwright._impl._driver import compute_driver_executable

_SORT = """
const texts = JSON.parse(require("fs").readFileSync(0, "utf-8"));
const german = new Intl.Collator("de").compare;
const characters = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
process.stdout.write(JSON.stringify(texts.sort((a, b) => german(a, b) || characters(a, b))));
"""


def in_german(texts: Iterable[str]) -> list[str]:
    """Return different texts in German order, those that it holds for equal in that of their characters."""
    done = subprocess.run(
        [compute_driver_executable()[0], "-e", _SORT],
        input=json.dumps(sorted(set(texts))),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[str] = json.loads(done.stdout)
    return found
