"""Run OGC's abstract tests of Features, Part 1: core, against an address; ends as pytest does."""

from __future__ import annotations

import sys

from ogctests.main import run_ogctests

if __name__ == "__main__":
    quiet = ["-q", "-p", "no:cacheprovider", "-p", "no:warnings"]
    sys.exit(run_ogctests("features/core", sys.argv[1], quiet))
