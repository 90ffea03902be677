"""The text of a filter, read by the library `cql2` as far as it is safe to hand it over.

Measured with version 0.6.0: the time for a text that cannot be parsed doubles with each bracket around
the mistake (those of a call do not count), and some hundred nested operators end the whole process for
want of stack. So brackets and operators are counted before.

Literals of a filter that name the latitude first, turned into x before y.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import cql2

from app.domain.frames import FLAG
from app.errors import N_, InputError

CQL2_TEXT, CQL2_JSON = "cql2-text", "cql2-json"
# What GDAL looks for before it sends a filter: the name that CQL2 had in its drafts.
CQL_TEXT = "cql-text"
LANGUAGES = (CQL2_TEXT, CQL2_JSON, CQL_TEXT)
# In the body of a request; addresses are shorter anyhow.
LONGEST = 100_000
DEEPEST = 40
# Characters, each counted double for every bracket around it: a fifth of a second at the worst.
MOST_WORK = 200_000
_TOKEN = re.compile(
    r"""
      '(?:[^']|'')*' | "(?:[^"]|"")*"             # a text, a quoted name
    | (?P<join>\b(?:and|or)\b|,)
    | (?P<operator>\b(?:not|div|is|in|like|between)\b|[-+*/%^=<>!])
    | (?P<call>\w+\s*\() | (?P<group>\() | (?P<closes>\))
    | \w+ | \s+ | .
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
# As GDAL writes what CQL2 has otherwise: a pattern that does not regard case, and a day.
_OF_GDAL = re.compile(
    r"""
      (?P<name>\w+)\s+ILIKE\s+(?P<pattern>'(?:[^']|'')*')
    | '(?P<day>\d{4}-\d\d-\d\d)T'
    | '(?:[^']|'')*'
    """,
    re.VERBOSE,
)
_PLACE = re.compile(r"-->\s*(\d+):(\d+)|line (\d+) column (\d+)")


def parse_filter(text: str, lang: str) -> Mapping[str, Any] | bool:
    """Return the expression of a filter in CQL2's JSON form.

    Parameters
    ----------
    text : str
        At most 100,000 characters.
    lang : str
        One of `LANGUAGES`.

    Raises
    ------
    InputError
        When it is longer, too deeply nested, or cannot be understood; with the place where that is known.
    """
    if len(text) > LONGEST:
        raise InputError(N_("The filter is longer than %(longest)s characters."), longest=LONGEST)
    if lang == CQL2_JSON:
        return _parsed(cql2.parse_json, _without_boxes(text))
    text = _OF_GDAL.sub(_in_cql2, text) if lang == CQL_TEXT else text
    _check_shape(text)
    return _parsed(cql2.parse_text, text)


def _in_cql2(found: re.Match[str]) -> str:
    if found["day"]:
        return f"'{found['day']}'"
    return f"CASEI({found['name']}) LIKE CASEI({found['pattern']})" if found["name"] else found[0]


def with_flags(expression: Any, kinds: Mapping[str, str]) -> Any:
    """Return an expression in JSON form whose flags are compared with true and false, not with 1 and 0.

    GDAL has no such values.
    """
    if not isinstance(expression, Mapping):
        return expression
    args = [with_flags(each, kinds) for each in expression.get("args", [])]
    names = [each["property"] for each in args if isinstance(each, Mapping) and "property" in each]
    if any(kinds.get(name) == FLAG for name in names):
        args = [bool(each) if each in (0, 1) else each for each in args]
    return {**expression, "args": args} if "args" in expression else expression


def _check_shape(text: str) -> None:
    """Refuse a text on which the parser would run for seconds, or out of stack."""
    chains, weights, work = [0], [1], 0
    for token in _TOKEN.finditer(text):
        match token.lastgroup:
            case "call" | "group" as kind:
                chains.append(0)
                weights.append(weights[-1] * (2 if kind == "group" else 1))
            case "closes" if len(chains) > 1:
                chains.pop()
                weights.pop()
            case "join":
                chains[-1] = 0
            case "operator":
                chains[-1] += 1
        work += len(token[0]) * weights[-1]
        if work > MOST_WORK or len(chains) + sum(chains) > DEEPEST:
            raise InputError(N_("The filter is too deeply nested."))


def _without_boxes(text: str) -> str:
    """Return JSON whose geometries have no ``bbox``, which the library would take for the geometry."""
    try:
        return json.dumps(json.loads(text, object_hook=_without_box))
    except (ValueError, RecursionError) as error:
        raise _not_understood(text, str(error)) from None


def _without_box(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "bbox" or "type" not in found}


def _parsed(parse: Callable[[str], Any], text: str) -> Mapping[str, Any] | bool:
    try:
        expression = parse(text).to_json()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # a panic of the library is no Exception
        raise _not_understood(text, str(error)) from None
    if not isinstance(expression, Mapping | bool):
        raise InputError(N_("The filter is not a condition, only a value."))
    return expression


def _not_understood(text: str, reason: str) -> InputError:
    place = _PLACE.search(reason)
    if place is None:
        return InputError(N_("The filter cannot be understood as CQL2."))
    line, column = (int(number) for number in place.groups() if number is not None)
    lines = text.splitlines() or [""]
    before = lines[min(line, len(lines)) - 1][: column - 1]
    if line == 1 and not before.strip():
        return InputError(N_("The filter cannot be understood from the beginning on."))
    return InputError(
        N_("The filter cannot be understood after “%(before)s” (line %(line)s, character %(column)s)."),
        before=f"…{before[-30:]}" if len(before) > 30 else before,
        line=line,
        column=column,
    )


def swapped(expression: Any) -> Any:
    """Return a CQL2 expression in JSON form with the first two ordinates of all its geometries exchanged."""
    if isinstance(expression, Mapping):
        return {name: _swapped_member(name, value) for name, value in expression.items()}
    if isinstance(expression, list):
        return [swapped(each) for each in expression]
    return expression


def _swapped_member(name: str, value: Any) -> Any:
    if name == "coordinates":
        return _swapped_positions(value)
    if name == "bbox" and isinstance(value, list):
        half = len(value) // 2
        return [*_swapped_position(value[:half]), *_swapped_position(value[half:])]
    return swapped(value)


def _swapped_positions(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], list):
        return [_swapped_positions(each) for each in value]
    return _swapped_position(value)


def _swapped_position(position: Any) -> Any:
    return (
        [position[1], position[0], *position[2:]]
        if isinstance(position, list) and len(position) > 1
        else position
    )
