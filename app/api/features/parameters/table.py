"""The query parameters: one table for whoever reads a request and for the description of the API."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import g, request

from app.api.features.parameters import values
from app.api.features.parameters.bodies import Body
from app.api.features.parameters.filters import CQL2_TEXT, CQL_TEXT, parse_filter, swapped, with_flags
from app.api.features.parameters.filters import LANGUAGES as FILTER_LANGUAGES
from app.api.features.texts import values_of
from app.config import LANGUAGES
from app.db.features.selection import parse_value
from app.domain.feature_query import ANSWER_CRS, CRS84, LARGEST_COORDINATE, FeatureQuery, Span
from app.domain.frames import CONTRACTS, TEXT, find_contract
from app.domain.period import parse_day, today
from app.errors import N_, InputError
from app.request import may_see_internal


@dataclass(frozen=True)
class Parameter:
    """A query parameter as the description of the API has it.

    Attributes
    ----------
    name : str
    what : str
        What it does, in English.
    schema : mapping
        JSON Schema of its value.
    is_required : bool
    is_told : bool
        Whether the description tells it; not so where another says the same in the standard's words.
    """

    name: str
    what: str
    schema: Mapping[str, Any]
    is_required: bool = False
    is_described: bool = True


_DAY = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d"
_INSTANT = rf"{_DAY}(T{_CLOCK}(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))?"
_URI = {"type": "string", "format": "uri", "enum": list(ANSWER_CRS), "default": CRS84.uri}
# What OpenAPI cannot say: five are none, and each reference system has an extent of its own.
_COORDINATE = {"type": "number", "minimum": -LARGEST_COORDINATE, "maximum": LARGEST_COORDINATE}
_NUMBERS = {"type": "array", "items": _COORDINATE, "minItems": 4, "maxItems": 6}
_LIMIT = {
    "type": "integer",
    "minimum": 1,
    "default": values.DEFAULT_LIMIT,
}
_SPAN = {
    "type": "string",
    "format": "ogc-datetime",
    "pattern": f"^({_INSTANT}|({_INSTANT}|\\.\\.)?/({_INSTANT}|\\.\\.)?)?$",
}
# Of one feature, one day.
AN_INSTANT = {"type": "string", "format": "ogc-instant", "pattern": f"^({_INSTANT})?$"}
# As pages have it: an empty text is none.
A_DAY = {"type": "string", "format": "day", "pattern": f"^({_DAY})?$"}
# Seconds and an offset are taken, too.
A_MINUTE = {"type": "string", "format": "minute", "pattern": f"^({_DAY}T([01]\\d|2[0-3]):[0-5]\\d)?$"}

PARAMETERS: Mapping[str, Parameter] = {
    each.name: each
    for each in (
        Parameter("f", N_("The representation, in place of the Accept header."), {"type": "string"}),
        Parameter("lang", N_("The language of texts."), {"type": "string", "enum": list(LANGUAGES)}),
        Parameter("limit", N_("The maximum number of features per page; never more than 10,000."), _LIMIT),
        Parameter(
            "cursor",
            N_("Where a page begins; only links carry it."),
            {"type": "string", "format": "cursor", "pattern": "^[A-Za-z0-9_-]*$"},
        ),
        Parameter(
            "bbox",
            N_("Only features that intersect this box, whose corners are within the reference system."),
            _NUMBERS,
        ),
        Parameter("bbox-crs", N_("The reference system of the bbox."), _URI),
        Parameter(
            "datetime",
            N_(
                "A day (one version per feature) or a period (all versions that overlap it); today "
                "if omitted."
            ),
            _SPAN,
        ),
        Parameter("on", N_("A day, as on every page."), A_DAY, is_described=False),
        Parameter(
            "known",
            N_(
                "The instant whose knowledge is meant, by the parks' clocks; for signed-in analysts and "
                "staff. Today's knowledge if omitted."
            ),
            A_MINUTE,
        ),
        Parameter("park", N_("Only what belongs to the park with this key."), {"type": "string"}),
        Parameter("crs", N_("The reference system of the answer."), _URI),
        Parameter(
            "filter",
            N_("Only features for which this CQL2 expression is true."),
            {"type": "string", "format": "cql2"},
        ),
        Parameter(
            "filter-lang",
            N_("The language of the filter; cql-text is CQL2 text as written by GDAL."),
            {"type": "string", "enum": list(FILTER_LANGUAGES), "default": CQL2_TEXT},
        ),
        Parameter("filter-crs", N_("The reference system of the geometries in the filter."), _URI),
        Parameter(
            "sortby",
            N_("The properties to sort by, with a minus sign for descending order."),
            {"type": "array", "items": {"type": "string"}, "minItems": 1},
        ),
        Parameter(
            "properties",
            N_("Only these properties."),
            {"type": "array", "items": {"type": "string"}, "minItems": 1},
        ),
        Parameter(
            "download", N_("1 makes the browser save the answer."), {"type": "string", "enum": ["0", "1"]}
        ),
    )
}

# The parameters that say which features are meant; whatever gives many takes them.
CHOICE = (
    *("bbox", "bbox-crs", "datetime", "on", "known", "park"),
    *("filter", "filter-lang", "filter-crs", "sortby"),
)
ITEMS = ("f", "lang", "limit", "cursor", "crs", "properties", *CHOICE)
ITEM = ("f", "lang", "datetime", "on", "known", "crs", "properties")
VERSIONS = ("f", "lang", "known")
DOWNLOAD = ("lang", "download", *CHOICE)
# With a filter in the body: it says itself what it is.
SEARCH = tuple(name for name in ITEMS if name not in ("f", "filter", "filter-lang"))
SEARCH_DOWNLOAD = tuple(name for name in DOWNLOAD if name not in ("filter", "filter-lang"))
TILE = ("lang", "datetime", "on", "known", "park", "properties", "filter", "filter-lang", "filter-crs")
PAGE = ("f", "lang")
# Documents whose links lead on to the features of a day.
PAGE_OF_DAY = (*PAGE, "datetime")


def property_names(collection: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return the columns by which `?column=value` filters; `park` is a parameter of its own."""
    return tuple(name for name in CONTRACTS[collection].columns if name not in known)


def check_parameters(known: Iterable[str]) -> None:
    """Refuse a parameter that nobody would regard, or one that is given twice.

    Raises
    ------
    InputError
        Naming it, and those that are regarded.
    """
    names = set(known)
    for name, given in request.args.lists():
        if name not in names:
            raise InputError(
                N_("There is no parameter “%(name)s”; available: %(known)s."),
                name=values.shown(name),
                known=", ".join(known),
            )
        if len(given) > 1:
            raise InputError(N_("The parameter “%(name)s” is given more than once."), name=name)
    if request.args.get("lang", LANGUAGES[0]) not in LANGUAGES:
        raise _none_of("lang", request.args["lang"], LANGUAGES)


def requested_query(collection: str, known: Iterable[str] = ITEMS, body: Body | None = None) -> FeatureQuery:
    """Return what the request asks of a collection.

    Parameters
    ----------
    collection : str
    known : iterable of str
        The names of `PARAMETERS` that the route takes (`ITEMS`, `DOWNLOAD`, `TILE`); where it takes
        ``filter-crs``, it also takes each column of the collection.
    body : Body, optional
        The filter, where it is not among the parameters.

    Returns
    -------
    FeatureQuery
        Whose `limit` is None where the route takes none. That its park exists is not checked yet:
        see `app.db.land.parks.check_park`.

    Raises
    ------
    NotFoundError
        When there is no such collection.
    InputError
        For a parameter that the route does not take, and a value that cannot be read.
    """
    find_contract(collection)
    named = property_names(collection, known) if "filter-crs" in known else ()
    check_parameters((*known, *named))
    is_internal = _is_internal(collection)
    if not request.args and body is None:
        return FeatureQuery(collection, Span.on(today()), limit=_limit(known), is_internal=is_internal)
    given = request.args.get
    columns = CONTRACTS[collection].columns
    return FeatureQuery(
        collection=collection,
        span=requested_span(),
        park=given("park", "").strip() or None,
        bbox=_box(given("bbox")),
        equals=dict(_equals(collection, named)),
        **_filter(collection, body),
        sort=values.parse_sort(request.args["sortby"], columns) if given("sortby") is not None else (),
        after=values.parse_cursor(request.args["cursor"]) if given("cursor") else None,
        limit=_limit(known),
        crs=_crs("crs"),
        properties=(
            values.parse_columns(request.args["properties"], columns)
            if given("properties") is not None
            else None
        ),
        is_internal=is_internal,
    )


def _is_internal(collection: str) -> bool:
    """Return whether the answer holds what is not public yet; nobody may keep it then.

    Only plots have such columns: all else is the same for every reader.
    """
    if collection != "plots" or not may_see_internal():
        return False
    g.is_private = True
    return True


def requested_span() -> Span:
    """Return the days of ``?datetime=`` or ``?on=``; today without one."""
    span, on = (request.args.get(name, "") for name in ("datetime", "on"))
    if span and on:
        raise InputError(N_("Give either “datetime” or “on”, not both."))
    if span:
        return values.parse_span(span)
    return Span.on(parse_day(on) if on else today())


def _limit(known: Iterable[str]) -> int | None:
    if "limit" not in known:
        return None
    given = request.args.get("limit")
    return values.DEFAULT_LIMIT if given is None else values.parse_limit(given)


def _crs(name: str) -> Any:
    given = request.args.get(name)
    return CRS84 if given is None else values.parse_crs(given)


def _box(given: str | None) -> Any:
    crs = _crs("bbox-crs")
    return None if given is None else values.parse_box(given, crs)


def _filter(collection: str, body: Body | None) -> dict[str, Any]:
    """Return the members `filter` and `filter_srid` of the query."""
    text, lang = (request.args.get(name) for name in ("filter", "filter-lang"))
    crs = _crs("filter-crs")
    if lang is not None and lang not in FILTER_LANGUAGES:
        raise _none_of("filter-lang", lang, FILTER_LANGUAGES)
    given = body or Body(text or "", lang or CQL2_TEXT)
    if not given.text.strip():
        return {}
    expression = parse_filter(given.text, given.lang)
    if given.lang == CQL_TEXT:
        expression = with_flags(expression, CONTRACTS[collection].columns)
    return {"filter": swapped(expression) if crs.is_lat_lon else expression, "filter_srid": crs.srid}


def _equals(collection: str, named: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the columns by which the request filters; a form sends what was not chosen as an empty text."""
    for name in named:
        text = request.args.get(name)
        known = values_of(collection, name)
        if text is None or (not text and CONTRACTS[collection].columns[name] == TEXT):
            continue
        if known is not None and text not in known:
            raise _none_of(name, text, known)
        parse_value(name, text, CONTRACTS[collection].columns[name])
        # Texts are kept composed; who types them decomposed means the same.
        yield name, unicodedata.normalize("NFC", text)


def _none_of(name: str, text: str, known: Iterable[str]) -> InputError:
    return InputError(
        N_("“%(text)s” is not a valid value of “%(name)s”; available: %(known)s."),
        text=values.shown(text),
        name=name,
        known=", ".join(known),
    )
