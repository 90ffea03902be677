"""Tour problems and plans as JSON files; told in docs/tour_problems.md."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from jsonschema import Draft202012Validator

from app.domain.clocks import TourHours
from app.domain.library_words import failure_reason
from app.errors import N_, NN_, DataError, InputError, NotFoundError, TooLargeError
from app.exchange.files import STDOUT, replacing
from app.exchange.problem_document import Array, DocumentStop, DocumentWay, ProblemDocument
from app.exchange.problem_times import read_window, tour_hours
from app.exchange.schema_errors import first_breach, place_of, unusable_number

DEFAULT_PACE_M_S = 1.25
LARGEST_BYTES = 20 * 1024 * 1024

_SCHEMAS = Path(__file__).with_name("schemas")


def read_text(path: Path) -> str:
    """Return the text of a file that a person names.

    Raises
    ------
    NotFoundError, InputError, TooLargeError, DataError
        One sentence naming the file.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise TooLargeError(N_("%(file)s is larger than %(most)s MB."), file=path, most=20)
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise NotFoundError(N_("There is no file %(file)s."), file=path) from None
    except OSError as error:
        raise InputError(
            N_("%(file)s cannot be read: %(why)s."), file=path, why=failure_reason(error)
        ) from None
    except UnicodeDecodeError:
        raise DataError(N_("%(file)s is no text in UTF-8."), file=path) from None


def parse_problem(text: str, name: str) -> ProblemDocument:
    """Return the problem that a JSON text tells.

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
    told = _parse_json(text, name)
    _check_numbers(told, name)
    _check_problem_document(told, name)
    stops = tuple(_stop(stop, i, tour_hours(told)) for i, stop in enumerate(told["stops"]))
    names = _numbered_names(stops)

    def index(member: str, given: int | str | None) -> int | None:
        return None if given is None else _index(given, names, len(stops), f"{name}: {member}")

    walk_s, length_m = _matrices(told, len(stops), name)
    pace_m_s = told.get("pace_m_s", DEFAULT_PACE_M_S)
    pause = told.get("pause")
    hours = tour_hours(told)
    return ProblemDocument(
        title=told.get("title", Path(name).stem),
        stops=stops,
        walk_s=walk_s,
        length_m=length_m,
        objective=told.get("objective", "walking"),
        ways=tuple(
            _way(
                way,
                index(f"ways[{i}].start", way["start"]),
                index(f"ways[{i}].end", way["end"]),
                pace_m_s,
                hours,
            )
            for i, way in enumerate(told.get("ways", ()))
        ),
        first=index("first", told.get("first")),
        last=index("last", told.get("last")),
        is_round=told.get("is_round", False),
        orders=tuple(
            (index(f"orders[{i}]", before) or 0, index(f"orders[{i}]", after) or 0)
            for i, (before, after) in enumerate(told.get("orders", ()))
        ),
        starts_s=hours.starts_s,
        ends_s=hours.ends_s,
        max_walk_m=told.get("max_walk_m"),
        pause=None if pause is None else (_dwell_s(pause), read_window(pause["begins"], hours)),
        has_clock=True,
    )


def write_plan(out: Path, document: Mapping[str, Any]) -> None:
    """Write a plan as JSON, wholly or not at all, or to the standard output (``-``).

    Raises
    ------
    InputError
        When the file cannot be written.
    """
    check_plan(document)
    text = json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    if out == STDOUT:
        print(text, end="")
        return
    with replacing(out) as partial:
        partial.write_text(text, "utf-8")


def check_plan(document: Mapping[str, Any]) -> None:
    """Refuse to hand out a plan that is not as the schema says.

    Raises
    ------
    jsonschema.ValidationError
        A mistake of this program, not of a person.
    """
    validator("tour_plan").validate(document)


def most_stops() -> int:
    """Return how many stops a problem may have."""
    schema: Any = validator("tour_problem").schema
    return int(schema["properties"]["stops"]["maxItems"])


@lru_cache
def validator(name: str) -> Draft202012Validator:
    """Return what checks a document against the schema ``tour_problem`` or ``tour_plan``."""
    schema = json.loads((_SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    return Draft202012Validator(schema)


def _parse_json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(
            N_("%(file)s is no JSON: line %(line)s, column %(column)s."),
            file=name,
            line=error.lineno,
            column=error.colno,
        ) from None
    except (RecursionError, ValueError):
        raise DataError(N_("%(file)s is no JSON that can be read."), file=name) from None


def _check_numbers(told: Any, name: str) -> None:
    found = unusable_number(told)
    if found is not None:
        place, number = found
        raise DataError(
            N_("%(file)s: %(place)s is %(number)s; expected a number that can be reckoned with."),
            file=name,
            place=place_of(place),
            number=number,
        )


def _check_problem_document(told: Any, name: str) -> None:
    checking = validator("tour_problem")
    most = most_stops()
    stops = told.get("stops") if isinstance(told, dict) else None
    if isinstance(stops, list) and len(stops) > most:
        raise TooLargeError(
            N_("%(file)s has %(n)s stops; a tour is planned over up to %(most)s."),
            file=name,
            n=len(stops),
            most=most,
        )
    breach = first_breach(checking, told, name)
    if breach is not None:
        raise breach


def _numbered_names(stops: tuple[DocumentStop, ...]) -> dict[str, int | None]:
    """Return the number of each name; None for a name that several stops have."""
    numbers: dict[str, int | None] = {}
    for i, stop in enumerate(stops):
        numbers[stop.name] = None if stop.name in numbers else i
    return numbers


def _index(given: int | str, names: Mapping[str, int | None], n: int, place: str) -> int:
    found = names.get(given) if isinstance(given, str) else int(given)
    if found is None or not 0 <= found < n:
        raise DataError(
            N_("%(place)s names “%(stop)s”; expected the name of one stop, or a number from 0 to %(last)s."),
            place=place,
            stop=given,
            last=n - 1,
        )
    return found


def _stop(told: Mapping[str, Any], index: int, hours: TourHours) -> DocumentStop:
    value, position = told.get("value"), told.get("position")
    return DocumentStop(
        name=told.get("name", str(index + 1)),
        dwell_s=_dwell_s(told),
        windows=tuple(read_window(window, hours) for window in told.get("windows", ())),
        value=None if value is None else float(value),
        position=None if position is None else int(position),
    )


def _way(
    told: Mapping[str, Any], start: int | None, end: int | None, pace_m_s: float, hours: TourHours
) -> DocumentWay:
    walk_s, length_m = told.get("walk_s"), told.get("length_m")
    if walk_s is None:
        walk_s = math.ceil((length_m or 0.0) / pace_m_s - 1e-9)
    if length_m is None:
        length_m = walk_s * pace_m_s
    return DocumentWay(
        start or 0, end or 0, int(walk_s), float(length_m), read_window(told["departs"], hours)
    )


def _dwell_s(told: Mapping[str, Any]) -> int:
    return int(told["dwell_s"]) if "dwell_s" in told else round(60 * told.get("dwell_min", 0))


def _matrices(told: Mapping[str, Any], n: int, name: str) -> tuple[Array, Array]:
    """Return seconds and metres; what is not given follows from the other and the pace."""
    pace_m_s = told.get("pace_m_s", DEFAULT_PACE_M_S)
    given_s, given_m = (_matrix(told, member, n, name) for member in ("walk_s", "length_m"))
    if given_m is not None:
        length_m = given_m
    elif given_s is not None:
        length_m = np.where(given_s < 0, -1.0, given_s * pace_m_s)
    else:
        length_m = _distances(told, n, name)
    # Rounded up, so that no walk is told too short; a detour stays a detour.
    walk_s = np.where(length_m < 0, -1.0, length_m / pace_m_s) if given_s is None else given_s
    whole = np.where((walk_s < 0) | (length_m < 0), -1, np.ceil(walk_s - 1e-9)).astype(np.int64)
    return whole, np.where(whole < 0, 0.0, length_m)


def _matrix(told: Mapping[str, Any], member: str, n: int, name: str) -> Array | None:
    rows = told.get(member)
    if rows is None:
        return None
    for i, row in enumerate(rows):
        for j, number in enumerate(row):
            if number is not None and number < 0 and number != -1 and i != j:
                raise DataError(
                    N_("%(file)s: %(place)s is %(number)s; expected 0 or more, or -1 where one cannot walk."),
                    file=name,
                    place=f"{member}[{i}][{j}]",
                    number=number,
                )
    if len(rows) != n or any(len(row) != n for row in rows):
        raise DataError(
            NN_(
                "%(file)s: %(place)s needs %(n)s row of %(n)s number, one a stop.",
                "%(file)s: %(place)s needs %(n)s rows of %(n)s numbers, one a stop.",
            ),
            file=name,
            place=member,
            n=n,
        )
    matrix = np.array([[-1.0 if number is None else number for number in row] for row in rows], dtype=float)
    np.fill_diagonal(matrix, 0.0)
    return matrix


def _distances(told: Mapping[str, Any], n: int, name: str) -> Array:
    coordinates = told.get("coordinates")
    if coordinates is None:
        raise DataError(
            N_("%(file)s tells no walks: “walk_s”, “length_m” or “coordinates” is needed."), file=name
        )
    if len(coordinates) != n:
        raise DataError(
            NN_(
                "%(file)s has %(n)s stop and %(found)s coordinates.",
                "%(file)s has %(n)s stops and %(found)s coordinates.",
            ),
            file=name, n=n, found=len(coordinates),
        )  # fmt: skip
    points = np.array(coordinates, dtype=float)
    apart = points[:, None] - points[None, :]
    distances: Array = np.hypot(apart[..., 0], apart[..., 1])
    return distances
