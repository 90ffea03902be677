"""Addresses of the API's resources, and the links that answers carry."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from flask import request

JSON = "application/json"
GEOJSON = "application/geo+json"
HTML = "text/html"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
OGC_REL = "http://www.opengis.net/def/rel/ogc/1.0"

Link = dict[str, Any]
_BODY_ONLY = ("enclosure", "license")


def address(*parts: str, **parameters: str) -> str:
    """Return the absolute address of a resource below ``/api``; no parts give the landing page."""
    return f"{request.root_url}api/{'/'.join(map(_quoted, parts))}{query_text(parameters)}"


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    return quote(text, safe="/~@." if text.startswith("/") else "~@.")


def query_text(parameters: Mapping[str, str]) -> str:
    """Return parameters with a question mark before them; nothing for none."""
    return f"?{urlencode(parameters)}" if parameters else ""


def site(path: str) -> str:
    """Return the absolute address of a page of this service, ``path`` without a slash before it."""
    return f"{request.root_url}{path}"


def own_address() -> str:
    """Return the request's own address."""
    query = request.query_string.decode("latin-1")
    path = _quoted(request.path)
    return f"{request.root_url}{path[1:]}{'?' if query else ''}{query}"


def with_parameters(parameters: Mapping[str, str]) -> str:
    """Return the request's path with other parameters."""
    path = _quoted(request.path)
    return f"{request.root_url}{path[1:]}{query_text(parameters)}"


def requested_knowledge() -> dict[str, str]:
    """Return the parameter of the instant whose knowledge is asked for, as links pass it on; none without."""
    return {"known": request.args["known"]} if request.args.get("known") else {}


def in_form(form: str) -> str:
    """Return the request's address for another representation."""
    return with_parameters({**request.args.to_dict(), "f": form})


def link(rel: str, href: str, media_type: str | None = None, title: str | None = None, **more: str) -> Link:
    """Return a link; what is None is left out."""
    fields = {"href": href, "rel": rel, "type": media_type, "title": title, **more}
    return {name: value for name, value in fields.items() if value is not None}


def self_links(form: str, media_types: Mapping[str, str]) -> list[Link]:
    """Return the link to this very answer and those to its other representations."""
    return [
        link("self", own_address(), media_types[form]),
        *(link("alternate", in_form(name), kind) for name, kind in media_types.items() if name != form),
    ]


def header(links: list[Link]) -> str:
    """Return links as the header of the same name; whole downloads are left to the answer's body."""
    return ", ".join(_in_header(each) for each in links if each["rel"] not in _BODY_ONLY)


def _in_header(each: Link) -> str:
    kind = f'; type="{each["type"]}"' if "type" in each else ""
    return f'<{each["href"]}>; rel="{each["rel"]}"{kind}'
