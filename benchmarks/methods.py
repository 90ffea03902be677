"""The ways to find neighbors that are compared: each takes plots in memory and gives pairs of positions."""

# ruff: noqa: PLC0415  a process imports only what it measures

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from benchmarks.file_methods import in_geopackage, ours_in_files, pairs_in_file, rook_in_files
from benchmarks.sql_engines import (
    SEDONA_LENGTHS,
    SEDONA_PAIRS,
    ask_sedona,
    in_duckdb,
    in_postgis,
    in_sedona,
    postgis_mb,
    typed_duckdb,
    typed_postgis,
)

CRS = "EPSG:25832"
SNAP_M, ACROSS_M = 0.1, 30.0

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def frame(rings: Floats) -> gpd.GeoDataFrame:
    """Return plots with their position as key; `rings` is (n_plots, n_points, 2)."""
    return gpd.GeoDataFrame({"key": np.arange(len(rings))}, geometry=shapely.polygons(rings), crs=CRS)


@dataclass(frozen=True)
class Found:
    """Pairs of positions of plots, in any order; `relation` their names where a method tells kinds."""

    a: Ints
    b: Ints
    relation: npt.NDArray[np.str_] | None = None


@dataclass(frozen=True)
class Method:
    """One way to find neighbors.

    Attributes
    ----------
    key, title, answers : str
        `answers` says what it tells of a pair.
    find : callable
        From what is prepared to whatever the library gives out; this is timed.
    read : callable
        From what the library gives to `Found`; not timed.
    prepare : callable
        A context with the plots where the library wants them, in its own tables with indexes; not timed.
    asked : sequence of str
        Relations whose pairs the method means to find.
    given : callable
        From rings, (n_plots, n_points, 2), to the plots as they are given; not timed.
    server_mb : callable
        From what is prepared to the most memory that a database server of its own took.
    """

    key: str
    title: str
    answers: str
    find: Callable[[Any], Any]
    read: Callable[[Any], Found]
    prepare: Callable[[Any], AbstractContextManager[Any]] = nullcontext
    asked: Sequence[str] = ("edge", "corner", "across")
    given: Callable[[Floats], Any] = frame
    server_mb: Callable[[Any], float] = lambda _: 0.0


def _ours(plots: gpd.GeoDataFrame, relations: Literal["all", "touch"], n_threads: int) -> Any:
    from app.analysis.adjacency import PlotArrays, typed_pairs_of_arrays

    arrays = PlotArrays.from_geometries(plots.geometry.to_numpy())
    return typed_pairs_of_arrays(arrays, relations=relations, n_threads=n_threads)


def _flat(rings: Floats) -> Any:
    from app.analysis.adjacency import PlotArrays

    n_plots, n_points = rings.shape[:2]
    one_each = np.arange(n_plots + 1)
    return PlotArrays(rings.reshape(-1, 2), one_each * n_points, one_each, one_each)


def _ours_flat(plots: Any) -> Any:
    from app.analysis.adjacency import typed_pairs_of_arrays

    return typed_pairs_of_arrays(plots, n_threads=2)


def _read_ours(pairs: Any) -> Found:
    from app.analysis.adjacency import RELATIONS

    names = np.array([str(relation) for relation in RELATIONS])
    return Found(pairs.a, pairs.b, names[pairs.relation])


def _ours_drawn(plots: gpd.GeoDataFrame) -> Any:
    from app.analysis.adjacency import typed_neighbors

    return typed_neighbors(plots, "key")


def _read_drawn(frame: gpd.GeoDataFrame) -> Found:
    return Found(
        frame.focal.to_numpy(np.int64), frame.neighbor.to_numpy(np.int64), frame.relation.to_numpy("str")
    )


def _read_file(path: Any) -> Found:
    pairs = pairs_in_file(path)
    relation = pairs.relation.to_numpy("str") if "relation" in pairs else None
    return Found(pairs.focal.to_numpy(np.int64), pairs.neighbor.to_numpy(np.int64), relation)


def _contiguity(plots: gpd.GeoDataFrame, *, rook: bool) -> Any:
    from libpysal.graph import Graph

    return Graph.build_contiguity(plots.geometry, rook=rook)


def _fuzzy(plots: gpd.GeoDataFrame) -> Any:
    from libpysal.graph import Graph

    return Graph.build_fuzzy_contiguity(plots.geometry, buffer=SNAP_M / 2)


def _read_graph(graph: Any) -> Found:
    adjacency = graph.adjacency
    adjacency = adjacency[adjacency > 0]
    focal, neighbor = (adjacency.index.get_level_values(n).to_numpy(np.int64) for n in (0, 1))
    return Found(focal, neighbor)


def _joined_lengths(plots: gpd.GeoDataFrame) -> Any:
    """Join plots that meet, and measure the border they have in common exactly."""
    pairs = gpd.sjoin(plots, plots, predicate="intersects")
    pairs = pairs[pairs.index < pairs.index_right]
    one, other = plots.geometry.loc[pairs.index], plots.geometry.loc[pairs.index_right]
    pairs["shared_m"] = one.boundary.intersection(other.boundary, align=False).length.to_numpy()
    return pairs


def _read_joined(pairs: Any) -> Found:
    pairs = pairs[pairs.shared_m > 0]
    return Found(pairs.index.to_numpy(np.int64), pairs.index_right.to_numpy(np.int64))


def _tree(plots: gpd.GeoDataFrame) -> Any:
    """Only the floor under all: which boxes meet, grown by the reach."""
    geometries = plots.geometry.to_numpy()
    left, bottom, right, top = shapely.bounds(geometries).T
    reach = shapely.box(left - ACROSS_M, bottom - ACROSS_M, right + ACROSS_M, top + ACROSS_M)
    return shapely.STRtree(geometries).query(reach)


def _read_arrays(pairs: Any) -> Found:
    return Found(pairs[0], pairs[1])


def _read_columns(frame: Any) -> Found:
    return Found(frame["a"].to_numpy(np.int64), frame["b"].to_numpy(np.int64))


def _read_typed(frame: Any) -> Found:
    return Found(*(frame[name].to_numpy(np.int64) for name in ("a", "b")), frame["relation"].to_numpy("str"))


FULL = "all four relations, lengths, gaps"
TOUCH = "overlap, edge, corner; lengths, gaps"
PLAIN = "all four relations, lengths, gaps; sight by one line"
MEETING = ("edge", "corner")

METHODS = (
    Method("tree", "STRtree alone (floor)", "boxes within reach", _tree, _read_arrays),
    *(
        Method(
            f"{relations}_{n}",
            f"this engine, {title}, {n} thread{'s' * (n > 1)}",
            answers,
            partial(_ours, relations=relations, n_threads=n),
            _read_ours,
            asked=asked,
        )
        for relations, title, answers, asked in (
            ("all", "full", FULL, (*MEETING, "across")),
            ("touch", "touch only", TOUCH, MEETING),
        )
        for n in (1, 2)
    ),
    Method("flat", "this engine, full, 2 threads, flat arrays", FULL, _ours_flat, _read_ours, given=_flat),
    Method("drawn", "this engine, frame to frame", f"{FULL}, evidence drawn", _ours_drawn, _read_drawn),
    Method("rook", "libpysal rook", "pairs", partial(_contiguity, rook=True), _read_graph, asked=("edge",)),
    Method("file", "this engine, GeoPackage to CSV", FULL, ours_in_files, _read_file, in_geopackage),
    Method(
        "rook_file",
        "geopandas, libpysal rook, GeoPackage to CSV",
        "pairs",
        rook_in_files,
        _read_file,
        in_geopackage,
        asked=("edge",),
    ),
    Method(
        "queen",
        "libpysal queen",
        "pairs, no kind",
        partial(_contiguity, rook=False),
        _read_graph,
        asked=MEETING,
    ),
    Method("fuzzy", "libpysal fuzzy contiguity", "pairs, no kind", _fuzzy, _read_graph, asked=MEETING),
    Method(
        "sjoin",
        "geopandas sjoin + length",
        "pairs, exact lengths",
        _joined_lengths,
        _read_joined,
        asked=("edge",),
    ),
    *(
        Method(key, title, answers, partial(ask_sedona, query=query), _read_columns, in_sedona, MEETING)
        for key, title, answers, query in (
            ("sedona", "sedonadb ST_DWithin", "pairs, no kind", SEDONA_PAIRS),
            ("sedona_length", "sedonadb ST_DWithin + length", "pairs, lengths", SEDONA_LENGTHS),
        )
    ),
    Method("duckdb", "DuckDB, plain typed SQL", PLAIN, typed_duckdb, _read_typed, in_duckdb),
    Method(
        "postgis",
        "PostGIS, plain typed SQL",
        PLAIN,
        typed_postgis,
        _read_typed,
        in_postgis,
        server_mb=postgis_mb,
    ),
)
BY_KEY = {method.key: method for method in METHODS}
