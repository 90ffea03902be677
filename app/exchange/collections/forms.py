"""The forms in which a collection can be taken out: their names, media types, and what each is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import N_, NotFoundError
from app.exchange.collections.geojson import MEDIA_TYPE as GEOJSON

CSV = "text/csv; charset=utf-8; header=present"


@dataclass(frozen=True)
class Form:
    """One form of a file.

    Attributes
    ----------
    name : str
        The ending of the file and of its address: ``gpkg``, ``excel.csv``.
    media_type : str
    title : str
        What people call it; English, to be translated.
    purpose : str
        In a few words what it is for; English, to be translated.
    is_text : bool
        Whether it can be sent while it is being made.
    only : str or None
        The one collection that has this form; None for all.
    """

    name: str
    media_type: str
    title: str
    purpose: str
    is_text: bool = False
    only: str | None = None


FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form("gpkg", "application/geopackage+sqlite3", "GeoPackage", N_("for QGIS and other GIS, in meters")),
        Form("geojson", GEOJSON, "GeoJSON", N_("for web maps and scripts, in degrees"), is_text=True),
        Form(
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "Excel",
            N_("table without outlines"),
        ),
        Form("excel.csv", CSV, N_("CSV for Excel"), N_("semicolons, decimal commas"), is_text=True),
        Form("csv", CSV, "CSV", N_("for programs, outlines as WKT"), is_text=True),
        Form("parquet", "application/vnd.apache.parquet", "GeoParquet", N_("for notebooks and large data")),
        Form("fgb", "application/vnd.flatgeobuf", "FlatGeobuf", N_("for web maps that read only a part")),
        Form(
            "shp.zip",
            "application/zip",
            "Shapefile",
            N_("for old programs only: short names, truncated texts"),
        ),
        Form(
            "edges.csv",
            CSV,
            N_("Edge list"),
            N_("both directions, for libpysal and pandas"),
            is_text=True,
            only="adjacency",
        ),
        Form(
            "graphml",
            "application/graphml+xml; charset=utf-8",
            "GraphML",
            N_("for networkx, Gephi and yEd"),
            is_text=True,
            only="adjacency",
        ),
        Form(
            "gal",
            "text/plain; charset=utf-8",
            "GAL",
            N_("for GeoDa and libpysal"),
            is_text=True,
            only="adjacency",
        ),
    )
}


def forms_of(collection: str) -> tuple[Form, ...]:
    """Return the forms that a collection has, the most asked for first."""
    return tuple(form for form in FORMS.values() if form.only in {None, collection})


def find_form(collection: str, name: str) -> Form:
    """Return a form of a collection by its name.

    Raises
    ------
    NotFoundError
        Naming those there are.
    """
    known = {form.name: form for form in forms_of(collection)}
    if name not in known:
        raise NotFoundError(
            N_("“%(collection)s” is not available as “%(name)s”; available: %(known)s."),
            collection=collection,
            name=name[:60],
            known=", ".join(known),
        )
    return known[name]
