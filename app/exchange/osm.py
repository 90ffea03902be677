"""A walk network from OpenStreetMap: extracts as .osm.pbf, .osm, or .osm.gz.

Ways of OpenStreetMap run on over their crossings; here they are cut at every node that they share, so that
edges meet at their ends. Tags are those of the OpenStreetMap wiki. What is marked as private needs leave;
motorways and what forbids walking are left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from app.domain.crs import STORAGE_CRS, to_storage
from app.domain.kinds import WalkwayAccess, WalkwayKind
from app.errors import N_, DataError, NotFoundError
from app.exchange.ogr import check_file, told

Array = np.ndarray[Any, Any]

_KINDS = {
    "steps": WalkwayKind.STEPS,
    **dict.fromkeys(("footway", "pedestrian"), WalkwayKind.FOOTWAY),
    **dict.fromkeys(("path", "track", "bridleway", "cycleway"), WalkwayKind.PATH),
}
_NOT_WALKED = (
    *("motorway", "motorway_link", "construction", "proposed", "razed", "abandoned", "raceway", "busway"),
    *("bus_guideway", "platform", "elevator", "corridor", "rest_area", "services", "bus_stop"),
)
_WALKED = ("yes", "designated", "permissive", "official", "public")
_PRIVATE = ("private", "no")
_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')
# Degrees are told with seven decimals.
_PER_DEGREE = 1e7


def read_osm(path: Path) -> gpd.GeoDataFrame:
    """Return the ways of an extract that can be walked, cut where they meet.

    Parameters
    ----------
    path : Path
        An extract as .osm.pbf, .osm or .osm.gz.

    Returns
    -------
    GeoDataFrame
        Columns `key` (number of the way, and of the piece within it), `kind`, `name`, `surface`, `kerb`
        (unknown), `access`; LineStrings, EPSG:25832. Without any way to walk no rows.

    Raises
    ------
    NotFoundError, DataError
        When the file is missing, or is no extract.
    """
    columns = ["osm_id", "name", "highway", "other_tags"]
    lines = told(path, pyogrio.read_dataframe, _place(path), layer="lines", columns=columns)
    if "highway" not in lines or lines.crs is None:
        raise DataError(N_("“%(file)s” is no extract of OpenStreetMap."), file=path.name)
    return _walkways(lines[lines["highway"].notna()])


def _place(path: Path) -> str:
    """Return under which name GDAL opens a file that was looked at."""
    if not path.name.lower().endswith(".gz"):
        check_file(path)
        return str(path)
    if not path.is_file():
        raise NotFoundError(N_("There is no file %(file)s."), file=path)
    return f"/vsigzip/{path.resolve()}"


def _walkways(ways: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    tags = [dict(_TAG.findall(text)) if isinstance(text, str) else {} for text in ways["other_tags"]]
    highways = ways["highway"].tolist()
    is_walked = np.array([_is_walked(*one) for one in zip(highways, tags, strict=True)], dtype=bool)
    columns = pd.DataFrame(
        {
            "key": "osm-" + ways["osm_id"].astype(str).to_numpy(dtype=object),
            "kind": [_kind(*one).value for one in zip(highways, tags, strict=True)],
            "name": ways["name"].to_numpy(dtype=object),
            "surface": [one.get("surface") for one in tags],
            "kerb": None,
            "access": [_access(one).value for one in tags],
        }
    )
    return _cut(columns[is_walked], ways.geometry.to_numpy()[is_walked])


def _is_walked(highway: str, tags: dict[str, str]) -> bool:
    is_forbidden = tags.get("foot") in {"no", "use_sidepath"} or tags.get("motorroad") == "yes"
    return highway not in _NOT_WALKED and not is_forbidden


def _kind(highway: str, tags: dict[str, str]) -> WalkwayKind:
    if tags.get("footway") == "crossing" or tags.get("path") == "crossing":
        return WalkwayKind.CROSSING
    return _KINDS.get(highway, WalkwayKind.STREET)


def _access(tags: dict[str, str]) -> WalkwayAccess:
    foot = tags.get("foot")
    is_private = foot == "private" or (tags.get("access") in _PRIVATE and foot not in _WALKED)
    return WalkwayAccess.PERMISSION if is_private else WalkwayAccess.PUBLIC


def _cut(columns: pd.DataFrame, lines: Array) -> gpd.GeoDataFrame:
    """Return the pieces of lines between the vertices that they share, with the columns of their line."""
    xy, line = shapely.get_coordinates(lines, return_index=True)
    _, vertex, n_uses = np.unique(
        np.round(xy * _PER_DEGREE).astype(np.int64), axis=0, return_inverse=True, return_counts=True
    )
    is_tip = np.concatenate([[True], line[1:] != line[:-1]]) if len(line) else np.zeros(0, dtype=bool)
    is_last = np.concatenate([line[1:] != line[:-1], [True]]) if len(line) else np.zeros(0, dtype=bool)
    is_cut = (n_uses[vertex.ravel()] > 1) & ~is_tip & ~is_last
    # A vertex at which a line is cut ends one piece and begins the next.
    taken = np.repeat(np.arange(len(xy)), 1 + is_cut)
    begins = is_tip[taken] | np.concatenate([[False], taken[1:] == taken[:-1]])
    piece = np.cumsum(begins) - 1
    of_line = line[taken][begins]
    geometry = shapely.linestrings(xy[taken], indices=piece)
    pieces = columns.iloc[of_line].reset_index(drop=True)
    number = np.arange(len(of_line)) - np.searchsorted(of_line, of_line) + 1
    pieces["key"] = [f"{key}.{i}" for key, i in zip(pieces["key"], number, strict=True)]
    made = gpd.GeoDataFrame(pieces, geometry=to_storage(geometry), crs=STORAGE_CRS)
    return made[made.length > 0].reset_index(drop=True)
