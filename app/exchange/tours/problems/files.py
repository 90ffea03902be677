"""Tour problems and plans as JSON files; described in docs/tour_problems.md.

Times in them are seconds, or clock times that may last over midnight.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, cast

import numpy as np
from pydantic import BeforeValidator, Field, Strict, model_validator

from app.domain.checked import Checked, Expected, Flag, Number, checked, needed, wrong
from app.domain.clocks import PlanningHorizon, Way, Window, over_midnight
from app.domain.failure_reasons import failure_reason
from app.domain.kinds import Objective
from app.domain.tours import Array, Pause, Problem, Stop
from app.errors import N_, NN_, DataError, InputError, NotFoundError, TooLargeError
from app.exchange.atomic_files import replacing
from app.exchange.collections.files import STDOUT
from app.exchange.tours.problems.document import ProblemFile, check_size, straight_distances
from app.exchange.tours.problems.instances import parse_instance

DEFAULT_PACE_M_S = 1.25
LARGEST_BYTES = 20 * 1024 * 1024
STDIN = Path("-")

_CLOCK = re.compile(r"([0-3]?[0-9]|4[0-7]):[0-5][0-9](:[0-5][0-9])?")
# Numbers beyond this are no measure of a walk.
_LARGEST = 1e12


def _seconds_or_clock(given: Any) -> int | str:
    is_clock = isinstance(given, str) and _CLOCK.fullmatch(given)
    if not is_clock and (type(given) is not int or abs(given) > _LARGEST):
        raise ValueError(given)
    return cast("int | str", given)


def _index_or_name(given: Any) -> int | str:
    if not isinstance(given, str) and (type(given) is not int or given < 0):
        raise ValueError(given)
    return given


_Finite = Annotated[Number, Field(ge=-_LARGEST, le=_LARGEST), Expected(N_("a number"))]
_Positive = Annotated[Number, Field(ge=0, le=_LARGEST), Expected(N_("a number, 0 or more"))]
_Whole = Annotated[int, Strict(), Field(ge=0, le=int(_LARGEST)), Expected(N_("a whole number, 0 or more"))]
_Time = Annotated[
    int | str, BeforeValidator(_seconds_or_clock), Expected(N_("seconds, or a time such as 14:30"))
]
_Window = Annotated[tuple[_Time, _Time], Expected(N_("two times, in seconds or such as 14:30"))]
_Index = Annotated[
    int | str,
    BeforeValidator(_index_or_name),
    Expected(N_("the name of a stop, or its number counted from 0")),
]
_Matrix = tuple[tuple[_Finite | None, ...], ...]


class _Stay(Checked):
    dwell_s: _Whole | None = None
    dwell_min: _Positive = 0.0


class _Stop(_Stay):
    name: (
        Annotated[
            str, Strict(), Field(min_length=1, max_length=200), Expected(N_("a text of up to 200 characters"))
        ]
        | None
    ) = None
    windows: tuple[_Window, ...] = ()
    value: _Positive | None = None
    position: _Whole | None = None


class _Way(Checked):
    start: _Index = needed()
    end: _Index = needed()
    walk_s: _Whole | None = None
    length_m: _Positive | None = None
    departs: _Window = needed()


class _Pause(_Stay):
    begins: _Window = needed()


class _Problem(Checked):
    """What a file may hold, member by member; described in docs/tour_problems.md."""

    title: Annotated[str, Strict(), Expected(N_("text"))] | None = None
    note: Annotated[str, Strict(), Expected(N_("text"))] | None = None
    objective: Annotated[Objective, Expected(" / ".join(Objective))] = Objective.WALKING
    stops: tuple[_Stop, ...] = needed()
    walk_s: _Matrix | None = None
    length_m: _Matrix | None = None
    coordinates: tuple[Annotated[tuple[_Finite, _Finite], Expected(N_("two numbers"))], ...] | None = None
    pace_m_s: Annotated[Number, Field(gt=0, le=100), Expected(N_("a pace between 0 and 100 m/s"))] = (
        DEFAULT_PACE_M_S
    )
    ways: tuple[_Way, ...] = ()
    first: _Index | None = None
    last: _Index | None = None
    is_round: Flag = False
    orders: tuple[Annotated[tuple[_Index, _Index], Expected(N_("pairs of stops"))], ...] = ()
    starts: _Time = 0
    ends: _Time | None = None
    max_walk_m: _Positive | None = None
    pause: _Pause | None = None

    @model_validator(mode="before")
    @classmethod
    def _has_lists(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        if not isinstance(given.get("stops"), list) or not given["stops"]:
            raise wrong(N_("a list of stops"), "stops", given.get("stops"))
        return given


def read_problem(path: Path) -> ProblemFile:
    """Return the problem of a file, or of the standard input (``-``), whose format its content shows.

    Raises
    ------
    NotFoundError, InputError, DataError, TooLargeError
        One sentence naming the file and the place in it.
    """
    text, name = _read_text(path), problem_name(path)
    is_json = path.suffix.lower() == ".json" or text.lstrip()[:1] in {"{", "["}
    return parse_problem(text, name) if is_json else parse_instance(text, name)


def problem_name(path: Path) -> str:
    """Return what a problem's file is called in sentences and in its plan."""
    return "stdin" if path == STDIN else path.name


def _read_text(path: Path) -> str:
    try:
        content = _first_bytes(path, LARGEST_BYTES + 1)
        if len(content) > LARGEST_BYTES:
            raise TooLargeError(N_("%(file)s is larger than %(most)s MB."), file=problem_name(path), most=20)
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        raise NotFoundError(N_("There is no file %(file)s."), file=path) from None
    except OSError as error:
        raise InputError(
            N_("%(file)s cannot be read: %(why)s."), file=path.name or path, why=failure_reason(error)
        ) from None
    except UnicodeDecodeError:
        raise DataError(N_("%(file)s is not UTF-8 text."), file=problem_name(path)) from None


def _first_bytes(path: Path, n: int) -> bytes:
    if path == STDIN:
        return sys.stdin.buffer.read(n)
    with path.open("rb") as file:
        return file.read(n)


def parse_problem(text: str, name: str) -> ProblemFile:
    """Read a problem from a JSON text.

    Parameters
    ----------
    text : str
    name : str
        The file's, for sentences.

    Raises
    ------
    DataError, TooLargeError
        One sentence naming the place in the document and what was expected.
    """
    values = _parse_json(text, name)
    stops = values.get("stops") if isinstance(values, dict) else None
    check_size(len(stops) if isinstance(stops, list) else 0, name)
    template = N_("%(file)s, %(field)s: expected %(expected)s, found %(found)s.")
    given = checked(_Problem, values, template, file=name)
    title = Path(name).stem if given.title is None else given.title
    return ProblemFile(title, _problem(given, name), has_clock=True)


def _problem(given: _Problem, name: str) -> Problem:
    horizon = planning_horizon(given.starts, given.ends)
    indexes = _indexes(given.stops)

    def index(member: str, stop: int | str) -> int:
        return _index(stop, indexes, len(given.stops), f"{name}: {member}")

    walk_s, length_m = _matrices(given, name)
    return Problem(
        stops=tuple(_stop(stop, i, horizon) for i, stop in enumerate(given.stops)),
        walk_s=walk_s,
        length_m=length_m,
        objective=given.objective,
        ways=tuple(
            _way(
                way,
                index(f"ways[{i}].start", way.start),
                index(f"ways[{i}].end", way.end),
                given.pace_m_s,
                horizon,
            )
            for i, way in enumerate(given.ways)
        ),
        first=None if given.first is None else index("first", given.first),
        last=None if given.last is None else index("last", given.last),
        is_round=given.is_round,
        orders=tuple(
            (index(f"orders[{i}]", before), index(f"orders[{i}]", after))
            for i, (before, after) in enumerate(given.orders)
        ),
        starts_s=horizon.starts_s,
        ends_s=horizon.ends_s,
        max_walk_m=given.max_walk_m,
        pause=None
        if given.pause is None
        else Pause(_dwell_s(given.pause), _window(given.pause.begins, horizon)),
    )


def write_plan(out: Path, document: Mapping[str, Any]) -> None:
    """Write a plan as JSON, wholly or not at all, or to the standard output (``-``).

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    if out == STDOUT:
        print(text, end="")
        return
    with replacing(out) as partial:
        partial.write_text(text, "utf-8")


def _parse_json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(
            N_("%(file)s is not valid JSON: line %(line)s, column %(column)s."),
            file=name,
            line=error.lineno,
            column=error.colno,
        ) from None
    except (RecursionError, ValueError):
        raise DataError(N_("%(file)s is not valid JSON."), file=name) from None


def _indexes(stops: Sequence[_Stop]) -> dict[str, int | None]:
    """Return the index of each name that is given; None for a name that several stops have."""
    indexes: dict[str, int | None] = {}
    for i, stop in enumerate(stops):
        if stop.name is not None:
            indexes[stop.name] = None if stop.name in indexes else i
    return indexes


def _index(given: int | str, indexes: Mapping[str, int | None], n: int, place: str) -> int:
    found = indexes.get(given) if isinstance(given, str) else given
    if found is None or not 0 <= found < n:
        raise DataError(
            N_("%(place)s names “%(stop)s”; expected the name of one stop, or a number from 0 to %(last)s."),
            place=place,
            stop=given,
            last=n - 1,
        )
    return found


def _stop(given: _Stop, index: int, horizon: PlanningHorizon) -> Stop:
    return Stop(
        # What is nameless is called by its index, which is how the file and the plan refer to it.
        name=str(index) if given.name is None else given.name,
        dwell_s=_dwell_s(given),
        windows=tuple(_window(window, horizon) for window in given.windows),
        value=given.value,
        position=given.position,
    )


def _way(given: _Way, start: int, end: int, pace_m_s: float, horizon: PlanningHorizon) -> Way:
    walk_s, length_m = given.walk_s, given.length_m
    if walk_s is None:
        walk_s = math.ceil((length_m or 0.0) / pace_m_s - 1e-9)
    if length_m is None:
        length_m = walk_s * pace_m_s
    return Way(start, end, walk_s, length_m, _window(given.departs, horizon))


def _dwell_s(given: _Stay) -> int:
    return round(60 * given.dwell_min) if given.dwell_s is None else given.dwell_s


def _matrices(given: _Problem, name: str) -> tuple[Array, Array]:
    """Return seconds and metres; what is not given follows from the other and the pace."""
    n, pace_m_s = len(given.stops), given.pace_m_s
    given_s = _matrix(given.walk_s, "walk_s", n, name)
    given_m = _matrix(given.length_m, "length_m", n, name)
    if given_m is not None:
        length_m = given_m
    elif given_s is not None:
        length_m = np.where(given_s < 0, -1.0, given_s * pace_m_s)
    else:
        length_m = _distances(given.coordinates, n, name)
    # Rounded up, so that no walk is too short; a detour stays a detour.
    walk_s = np.where(length_m < 0, -1.0, length_m / pace_m_s) if given_s is None else given_s
    whole = np.where((walk_s < 0) | (length_m < 0), -1, np.ceil(walk_s - 1e-9)).astype(np.int64)
    return whole, np.where(whole < 0, 0.0, length_m)


def _matrix(rows: _Matrix | None, member: str, n: int, name: str) -> Array | None:
    if rows is None:
        return None
    for i, row in enumerate(rows):
        for j, number in enumerate(row):
            if number is not None and number < 0 and number != -1 and i != j:
                raise DataError(
                    N_(
                        "%(file)s: %(place)s is %(number)s; expected 0 or more, or -1 where no walk "
                        "is possible."
                    ),
                    file=name,
                    place=f"{member}[{i}][{j}]",
                    number=number,
                )
    if len(rows) != n or any(len(row) != n for row in rows):
        raise DataError(
            NN_(
                "%(file)s: %(place)s needs %(n)s row of %(n)s number, one per stop.",
                "%(file)s: %(place)s needs %(n)s rows of %(n)s numbers, one per stop.",
            ),
            file=name,
            place=member,
            n=n,
        )
    matrix = np.array([[-1.0 if number is None else number for number in row] for row in rows], dtype=float)
    np.fill_diagonal(matrix, 0.0)
    return matrix


def _distances(coordinates: Sequence[tuple[float, float]] | None, n: int, name: str) -> Array:
    if coordinates is None:
        raise DataError(
            N_("%(file)s contains no walks: “walk_s”, “length_m” or “coordinates” is required."), file=name
        )
    if len(coordinates) != n:
        raise DataError(
            NN_(
                "%(file)s has %(n)s stop and %(found)s coordinates.",
                "%(file)s has %(n)s stops and %(found)s coordinates.",
            ),
            file=name, n=n, found=len(coordinates),
        )  # fmt: skip
    return straight_distances(np.array(coordinates, dtype=float))


def planning_horizon(starts: int | str, ends: int | str | None) -> PlanningHorizon:
    """Return from when to when a tour may last, over midnight where clock times do."""
    if ends is None:
        return PlanningHorizon(time_s(starts), None)
    starts_s, ends_s = time_s(starts), time_s(ends)
    return PlanningHorizon(starts_s, over_midnight(starts_s, ends_s) if _are_clocks(starts, ends) else ends_s)


def _window(given: tuple[int | str, int | str], horizon: PlanningHorizon) -> Window:
    """Return when a window of a tour of these hours opens and closes."""
    opens_s, closes_s = map(time_s, given)
    return Window(*horizon.shown(opens_s, closes_s)) if _are_clocks(*given) else Window(opens_s, closes_s)


def _are_clocks(*times: int | str) -> bool:
    """Return whether times are written as on a clock, which begins anew at midnight; seconds go on."""
    return all(isinstance(time, str) for time in times)


def time_s(given: int | str) -> int:
    """Return the seconds from midnight of the tour's day."""
    if not isinstance(given, str):
        return int(given)
    hours, minutes, *seconds = map(int, given.split(":"))
    return 3600 * hours + 60 * minutes + sum(seconds)
