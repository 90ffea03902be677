"""Problems of TSPLIB: the shortest round over all points.

Source: G. Reinelt, TSPLIB 95 (1995), chapters 1 and 2.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np

from app.domain.tours import Array, Problem, Stop
from app.errors import N_, NN_, DataError
from app.exchange.tours.problems.document import ProblemFile, check_size, straight_distances

_KEYWORD = re.compile(r"^\s*([A-Z_0-9]+)\s*:\s*(.*?)\s*$")
_SECTION = re.compile(r"^\s*([A-Z_]+_SECTION)\s*:?\s*$")
# How many salesmen there are, as newer solvers write it.
_WALKERS = frozenset({"SALESMEN", "VEHICLES"})
# The value that the format's own example code uses, and the earth's radius in km.
_PI = 3.141592
_RADIUS_KM = 6378.388


def is_tsplib(text: str) -> bool:
    """Return whether a text looks like a problem of TSPLIB."""
    return re.search(r"^\s*(DIMENSION|EDGE_WEIGHT_TYPE)\s*:", text, re.MULTILINE) is not None


def parse_tsplib(text: str, name: str) -> ProblemFile:
    """Return the problem: least walking, round from the first point.

    Raises
    ------
    DataError
        When it is not as the format requires, or of a type that is not read here (read are: EUC_2D, CEIL_2D,
        ATT, GEO and EXPLICIT as full matrix or triangle).
    TooLargeError
        For more points than the planner takes.
    """
    keywords, sections = _read(text)
    n = _dimension(keywords, name)
    if keywords.get("TYPE", "TSP").split()[0] not in {"TSP", "ATSP"}:
        raise DataError(
            N_("%(file)s is of the type %(kind)s; supported: TSP and ATSP."), file=name, kind=keywords["TYPE"]
        )
    for word in _WALKERS & keywords.keys():
        check_is_one(_number_or_nan(keywords[word]), f"{word}: {keywords[word][:40]}", name)
    kind = keywords.get("EDGE_WEIGHT_TYPE", "")
    if kind == "EXPLICIT":
        cost = _explicit(keywords.get("EDGE_WEIGHT_FORMAT", ""), sections, n, name)
    elif kind in _WEIGHTS:
        cost = _WEIGHTS[kind](_points(sections, n, name))
    else:
        raise DataError(
            N_("%(file)s has weights of the type “%(kind)s”; supported: %(known)s."),
            file=name,
            kind=kind[:40],
            known=", ".join(["EXPLICIT", *_WEIGHTS]),
        )
    stops = tuple(Stop(str(i + 1)) for i in range(n))
    whole = np.round(cost).astype(np.int64)
    problem = Problem(stops, whole, whole.astype(float), first=0, is_round=n > 1)
    return ProblemFile(keywords.get("NAME", name), problem)


def check_is_one(n_walkers: float, words: str, name: str) -> None:
    """Refuse an instance for several who walk, each a tour of their own.

    Parameters
    ----------
    n_walkers : float
    words : str
        The words of the file for it.
    name : str
        The file's.

    Raises
    ------
    DataError
    """
    if n_walkers != 1:
        raise DataError(
            N_("%(file)s gives “%(value)s”; only one tour at a time can be planned here."),
            file=name,
            value=words,
        )


def _number_or_nan(word: str) -> float:
    return float(word) if re.fullmatch(r"\d{1,9}", word) else math.nan


def _read(text: str) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return the keywords, and the words of each section."""
    keywords: dict[str, str] = {}
    sections: dict[str, list[str]] = {}
    words: list[str] = []
    for line in text.splitlines():
        if line.strip() == "EOF":
            break
        if section := _SECTION.match(line):
            words = sections.setdefault(section[1], [])
        elif keyword := _KEYWORD.match(line):
            keywords[keyword[1]] = keyword[2]
        else:
            words += line.split()
    return keywords, sections


def _dimension(keywords: dict[str, str], name: str) -> int:
    word = keywords.get("DIMENSION", "")
    if not re.fullmatch(r"\d{1,9}", word) or int(word) < 1:
        raise DataError(N_("%(file)s does not state its DIMENSION."), file=name)
    check_size(int(word), name)
    return int(word)


def _section(sections: dict[str, list[str]], section: str, n: int, name: str) -> Array:
    """Return the numbers of a section, which must be `n`."""
    words = sections.get(section, [])
    try:
        numbers = np.array([float(word) for word in words])
    except ValueError:
        numbers = np.array([np.nan])
    if len(words) != n or not (np.abs(numbers) < 1e9).all():
        raise DataError(
            NN_(
                "%(file)s: %(section)s needs %(n)s number; found %(found)s.",
                "%(file)s: %(section)s needs %(n)s numbers; found %(found)s.",
            ),
            file=name,
            section=section,
            n=n,
            found=len(words),
        )
    return numbers


def _points(sections: dict[str, list[str]], n: int, name: str) -> Array:
    return _section(sections, "NODE_COORD_SECTION", 3 * n, name).reshape(n, 3)[:, 1:]


def _explicit(form: str, sections: dict[str, list[str]], n: int, name: str) -> Array:
    cost = np.zeros((n, n))
    if form == "FULL_MATRIX":
        cells: tuple[Array, ...] = tuple(np.indices((n, n)).reshape(2, -1))
    elif form in {"UPPER_ROW", "UPPER_DIAG_ROW"}:
        cells = np.triu_indices(n, 1 if form == "UPPER_ROW" else 0)
    elif form in {"LOWER_ROW", "LOWER_DIAG_ROW"}:
        cells = np.tril_indices(n, -1 if form == "LOWER_ROW" else 0)
    else:
        raise DataError(
            N_("%(file)s gives its matrix in the form “%(form)s”, which is not supported."),
            file=name,
            form=form[:40],
        )
    cost[cells] = _section(sections, "EDGE_WEIGHT_SECTION", len(cells[0]), name)
    return cost if form == "FULL_MATRIX" else np.maximum(cost, cost.T)


def _euclidean(points: Array) -> Array:
    return np.floor(straight_distances(points) + 0.5)


def _ceiling(points: Array) -> Array:
    return np.ceil(straight_distances(points))


def _pseudo_euclidean(points: Array) -> Array:
    exact = straight_distances(points) / math.sqrt(10)
    near = np.floor(exact + 0.5)
    return np.where(near < exact, near + 1, near)


def _geographic(points: Array) -> Array:
    """Return whole kilometres between places given in degrees and minutes (DDD.MM)."""
    degrees = np.trunc(points)
    lat, lon = (_PI * (degrees + 5.0 * (points - degrees) / 3.0) / 180.0).T
    q1 = np.cos(lon[:, None] - lon[None, :])
    q2 = np.cos(lat[:, None] - lat[None, :])
    q3 = np.cos(lat[:, None] + lat[None, :])
    angle = np.arccos(np.clip(0.5 * ((1.0 + q1) * q2 - (1.0 - q1) * q3), -1.0, 1.0))
    found: Array = np.floor(_RADIUS_KM * angle + 1.0)
    return found


_WEIGHTS: dict[str, Callable[[Array], Array]] = {
    "EUC_2D": _euclidean,
    "CEIL_2D": _ceiling,
    "ATT": _pseudo_euclidean,
    "GEO": _geographic,
}
