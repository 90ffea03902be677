"""The names of WZ codes, as far as they ship; see ``geodata/wz/README.md``."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache

from app.config import PROJECT_DIR
from app.domain.companies.folding import folded
from app.domain.companies.wz import tidy_code
from app.domain.kinds import WzEdition
from app.errors import AppError

_FOLDER = PROJECT_DIR / "geodata" / "wz"


@lru_cache
def wz_names(edition: WzEdition) -> Mapping[str, str]:
    """Return the German name of each code of an edition; none where no list ships."""
    path = _FOLDER / f"wz{edition}.csv"
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file)}


def wz_name(edition: str, code: str) -> str:
    """Return the German name of a code, of a subclass that of its class; empty where it is not known."""
    names = wz_names(WzEdition(edition))
    return names.get(code) or names.get(code[:5], "")


def find_code(text: str, edition: WzEdition = WzEdition.WZ2008) -> str:
    """Return the code that a text is, or whose name it is; raises DataError when it is neither.

    Examples
    --------
    >>> find_code("ingenieurbüros"), find_code("4711")
    ('71.12', '47.11')
    """
    try:
        return tidy_code(text)
    except AppError:
        wanted = folded(text)
        # A class before the group of the same name that holds nothing else.
        named = [code for code, name in wz_names(edition).items() if folded(name) == wanted]
        if wanted and named:
            return max(named, key=len)
        raise
