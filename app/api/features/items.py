"""The features of a collection, one of them, and its versions."""

from __future__ import annotations

import json
from dataclasses import replace

from flask import Response, jsonify

from app.api.features import answers, pages
from app.api.features import links as to
from app.api.features.paging import FORMS, collection_text, page_links, written
from app.api.features.parameters.bodies import requested_body
from app.api.features.parameters.table import ITEM, SEARCH, VERSIONS, requested_query
from app.api.features.texts import VERSIONED
from app.api.features.versions import (
    FeatureAddress,
    found_at,
    gone_sentence,
    history_links,
    latest_link,
    memento_time,
    split_fid,
    time_map,
    version_links,
)
from app.db.features import VersionRow, feature, page, versions
from app.db.land.parks import check_park
from app.domain.feature_query import ALL_TIME, FeatureQuery
from app.domain.frames import find_contract
from app.errors import N_, InputError, NotFoundError
from app.request import autocommit_connection

MAP_FORMS = {"json": to.JSON, "html": to.HTML}


def items(collection: str) -> Response:
    """Return a page of features."""
    query = requested_query(collection)
    form = answers.requested_form(FORMS)
    if form != "html" and (same := answers.unchanged(query, form)):
        return same
    if query.park is not None:
        check_park(autocommit_connection(), query.park)
    found = page(autocommit_connection(), query)
    links = page_links(query, found, form)
    if form == "html":
        return pages.items_page(query, found, links)
    mark = answers.data_mark(found.state, query, form)
    return _geojson(mark, query, collection_text(query, found, links), links)


def search(collection: str) -> Response:
    """Return a page of the features for which the filter in the body is true.

    The draft of OGC on searching has this address; POST of items would be to make one (Part 4).
    """
    find_contract(collection)
    query = requested_query(collection, SEARCH, requested_body())
    if query.park is not None:
        check_park(autocommit_connection(), query.park)
    found = page(autocommit_connection(), query)
    text = collection_text(query, found, page_links(query, found, "geojson"))
    response = Response(text, content_type=to.GEOJSON)
    response.headers["Content-Crs"] = f"<{query.crs.uri}>"
    response.headers["Cache-Control"] = "no-store"
    return response


def item(collection: str, fid: str) -> Response:
    """Return one feature: the version its id names, or that of the day asked for."""
    query = requested_query(collection, ITEM)
    if not query.span.is_instant:
        raise InputError(
            N_(
                "A single feature is requested for a day, not for a period; its periods are listed "
                "with its versions."
            )
        )
    form = answers.requested_form(FORMS)
    if form != "html" and (same := answers.unchanged(query, form)):
        return same
    if collection not in VERSIONED:
        return _single(query, form, fid)
    return _version(query, form, fid)


def _single(query: FeatureQuery, form: str, fid: str) -> Response:
    found = feature(autocommit_connection(), query, fid)
    if found is None:
        raise _nothing(query.collection, fid)
    links = _own_links(query, form)
    if form == "html":
        return pages.item_page(query, found.text, links, ())
    mark = answers.data_mark(found.state, query, form)
    return _geojson(mark, query, _linked(found.text, links), links)


def _version(query: FeatureQuery, form: str, fid: str) -> Response:
    key, day = split_fid(fid)
    place = FeatureAddress(query.collection, key)
    # Of a version that is asked for by its name, all is told that held in its time.
    known = versions(autocommit_connection(), query if day is None else replace(query, span=ALL_TIME), key)
    if not known:
        raise _nothing(query.collection, fid)
    n = found_at(known, fid, query.span)
    if n is None:
        return _gone(place, known, form)
    links = [*_own_links(query, form), *version_links(place, known, n)]
    text = _named(known[n], fid)
    if form == "html":
        return pages.item_page(query, text, links, known, known[n].fid)
    mark = answers.data_mark(known[n].state, query, form)
    response = _geojson(mark, query, _linked(text, links), links)
    if (began := memento_time(known[n])) is not None:
        response.headers["Memento-Datetime"] = began
    return response


def version_list(collection: str, fid: str) -> Response:
    """Return the versions of a feature in the order of time."""
    query = requested_query(collection, VERSIONS)
    form = answers.requested_form(MAP_FORMS)
    if form != "html" and (same := answers.unchanged(query, form)):
        return same
    place = FeatureAddress(collection, split_fid(fid)[0])
    known = versions(autocommit_connection(), replace(query, span=ALL_TIME), place.key)
    if not known:
        raise _nothing(collection, fid)
    if form == "html":
        return pages.item_page(query, known[-1].text, history_links(place), known, known[-1].fid)
    document = time_map(place, known, to.self_links(form, MAP_FORMS))
    mark = answers.data_mark(known[0].state, query, form)
    return mark.stamped(answers.json_answer(document, to.JSON))


def _own_links(query: FeatureQuery, form: str) -> list[to.Link]:
    kind = FORMS[form]
    other = ("html", to.HTML) if kind == to.GEOJSON else ("json", to.GEOJSON)
    return [
        to.link("self", to.own_address(), kind),
        to.link("alternate", to.in_form(other[0]), other[1]),
        to.link("collection", to.address("collections", query.collection), to.JSON),
    ]


def _named(version: VersionRow, fid: str) -> str:
    """Return a version's text with the id by which it was asked for."""
    own, asked = (json.dumps(name, ensure_ascii=False) for name in (version.fid, fid))
    return version.text.replace(f'"id":{own}', f'"id":{asked}', 1)


def _linked(text: str, links: list[to.Link]) -> str:
    return f'{text[:-1]},"links":{written(links)}}}'


def _geojson(mark: answers.CacheValidator, query: FeatureQuery, text: str, links: list[to.Link]) -> Response:
    response = mark.stamped(Response(text, content_type=to.GEOJSON))
    response.headers["Content-Crs"] = f"<{query.crs.uri}>"
    response.headers["Link"] = to.header(links)
    return response


def _gone(place: FeatureAddress, known: list[VersionRow], form: str) -> Response:
    sentence = gone_sentence()
    links = [latest_link(place, known), *history_links(place)]
    if form == "html":
        response = answers.page_answer("gone.html", sentence=sentence, place=place, known=known)
    else:
        response = jsonify(code="Gone", description=sentence, error=sentence, links=links)
    response.status_code = 410
    response.headers["Link"] = to.header(links)
    response.headers["Cache-Control"] = "no-store"
    return response


def _nothing(collection: str, fid: str) -> NotFoundError:
    return NotFoundError(
        N_("There is no feature “%(fid)s” in the collection “%(name)s”."), fid=fid[:80], name=collection
    )
