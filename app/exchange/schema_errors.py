"""One sentence for the first thing in a document that is not as its schema says."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import reduce
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import relevance

from app.errors import N_, NN_, AppError, DataError, Phrase

# Numbers beyond this are no measure of a walk.
_LARGEST = 1e12
_LONGEST_SHOWN = 40


def first_breach(validator: Draft202012Validator, document: Any, name: str) -> DataError | None:
    """Return the first breach of a schema in reading order as an error; None without any.

    Parameters
    ----------
    validator : Draft202012Validator
    document : object
        As `json` reads it.
    name : str
        The file's, for the sentence.
    """
    breaches = sorted(validator.iter_errors(document), key=relevance, reverse=True)
    if not breaches:
        return None
    breach = breaches[0]
    template, params = _told(breach)
    return DataError(template, file=name, place=place_of(breach.absolute_path), **params)


def place_of(path: Iterable[str | int]) -> str:
    """Return a place in a document, as in ``stops[3].windows[0]``; ``$`` for the whole."""
    told = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return told.removeprefix(".") or "$"


def unusable_number(document: Any) -> tuple[list[str | int], object] | None:
    """Return the place and value of the first number that is none (NaN), infinite or out of all range."""
    return next(_unusable(document, []), None)


def _unusable(part: Any, path: list[str | int]) -> Iterator[tuple[list[str | int], object]]:
    if isinstance(part, dict):
        for key, value in part.items():
            yield from _unusable(value, [*path, key])
    elif isinstance(part, list):
        for i, value in enumerate(part):
            yield from _unusable(value, [*path, i])
    elif isinstance(part, int | float) and (not math.isfinite(part) or abs(part) > _LARGEST):
        yield path, f"{part:.3g}" if isinstance(part, float) else "1e12 ..."


def _told(breach: ValidationError) -> tuple[str, dict[str, object]]:
    """Return a template, and what fills it beside file and place."""
    tell = _TELLING.get(str(breach.validator))
    if tell is not None:
        return tell(breach)
    return N_("%(file)s: %(place)s is not as the format says."), {}


# JSON Schema's types.
_KINDS = {
    "object": N_("an object {…}"),
    "array": N_("a list […]"),
    "string": N_("a text"),
    "number": N_("a number"),
    "integer": N_("a whole number"),
    "boolean": N_("true or false"),
    "null": N_("null"),
}


def _type(breach: ValidationError) -> tuple[str, dict[str, object]]:
    expected: Any = breach.validator_value
    kinds: list[Phrase | AppError] = [
        Phrase(_KINDS[kind]) for kind in ([expected] if isinstance(expected, str) else expected)
    ]
    template = N_("%(file)s: %(place)s is %(found)s; expected %(kinds)s.")
    return template, {"found": _shown(breach.instance), "kinds": reduce(_either, kinds)}


def _either(one: Phrase | AppError, other: Phrase | AppError) -> AppError:
    return DataError(N_("%(one)s or %(other)s"), one=one, other=other)


def _required(breach: ValidationError) -> tuple[str, dict[str, object]]:
    missing = next(member for member in breach.validator_value if member not in breach.instance)  # type: ignore[union-attr, operator]
    return N_("%(file)s: %(place)s lacks “%(member)s”."), {"member": missing}


def _unknown(breach: ValidationError) -> tuple[str, dict[str, object]]:
    known = breach.schema["properties"]  # type: ignore[index]
    unknown = next(member for member in breach.instance if member not in known)  # type: ignore[union-attr]
    template = N_("%(file)s: %(place)s has “%(member)s”, which the format does not know.")
    return template, {"member": unknown[:_LONGEST_SHOWN]}


def _one_of(breach: ValidationError) -> tuple[str, dict[str, object]]:
    template = N_("%(file)s: %(place)s is %(found)s; expected one of %(known)s.")
    return template, {"found": _shown(breach.instance), "known": ", ".join(map(str, breach.validator_value))}  # type: ignore[arg-type]


def _time(breach: ValidationError) -> tuple[str, dict[str, object]]:
    template = N_("%(file)s: %(place)s is %(found)s; expected seconds, or a time such as 14:30.")
    return template, {"found": _shown(breach.instance)}


def _least(breach: ValidationError) -> tuple[str, dict[str, object]]:
    template = N_("%(file)s: %(place)s is %(found)s; expected at least %(least)s.")
    return template, {"found": _shown(breach.instance), "least": breach.validator_value}


def _more_than(breach: ValidationError) -> tuple[str, dict[str, object]]:
    template = N_("%(file)s: %(place)s is %(found)s; expected more than %(least)s.")
    return template, {"found": _shown(breach.instance), "least": breach.validator_value}


def _few(breach: ValidationError) -> tuple[str, dict[str, object]]:
    template = NN_(
        "%(file)s: %(place)s has %(n)s entry; expected at least %(least)s.",
        "%(file)s: %(place)s has %(n)s entries; expected at least %(least)s.",
    )
    return template, {"n": len(breach.instance), "least": breach.validator_value}  # type: ignore[arg-type]


def _many(breach: ValidationError) -> tuple[str, dict[str, object]]:
    template = NN_(
        "%(file)s: %(place)s has %(n)s entry; expected up to %(most)s.",
        "%(file)s: %(place)s has %(n)s entries; expected up to %(most)s.",
    )
    return template, {"n": len(breach.instance), "most": breach.validator_value}  # type: ignore[arg-type]


def _length(breach: ValidationError) -> tuple[str, dict[str, object]]:
    allowed: Any = breach.schema
    template = N_("%(file)s: %(place)s is a text of %(n)s characters; expected %(least)s to %(most)s.")
    lengths = {"least": allowed["minLength"], "most": allowed["maxLength"]}
    return template, {"n": len(breach.instance), **lengths}  # type: ignore[arg-type]


def _most(breach: ValidationError) -> tuple[str, dict[str, object]]:
    template = N_("%(file)s: %(place)s is %(found)s; expected at most %(most)s.")
    return template, {"found": _shown(breach.instance), "most": breach.validator_value}


_TELLING: dict[str, Callable[[ValidationError], tuple[str, dict[str, object]]]] = {
    "type": _type,
    "required": _required,
    "additionalProperties": _unknown,
    "enum": _one_of,
    "pattern": _time,
    "minimum": _least,
    "exclusiveMinimum": _more_than,
    "maximum": _most,
    "minItems": _few,
    "maxItems": _many,
    "minLength": _length,
    "maxLength": _length,
}


def _shown(instance: object) -> str | AppError:
    """Return a value as JSON writes it, a text in the reader's quotes; cut when it is long."""
    words = {True: "true", False: "false", None: "null"}
    if isinstance(instance, bool) or instance is None:
        return words[instance]
    if isinstance(instance, dict | list):
        return "{…}" if isinstance(instance, dict) else "[…]"
    text = str(instance)
    cut = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    return DataError(N_("“%(text)s”"), text=cut) if isinstance(instance, str) else cut
