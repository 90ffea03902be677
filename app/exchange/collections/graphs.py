"""Neighbor pairs as graphs: an edge list, GraphML, GAL.

A pair is stored once (``focal < neighbor``). An edge list and GAL name it from both sides, as spatial
weights have it; GraphML states that its edges have no direction. GraphML and GAL know the plots without
neighbors, too. Over several days a pair may hold several times; GAL has each once.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from app.domain.frames import ADJACENCY, FLAG, INTEGER, NUMBER
from app.exchange.collections.arrow_rows import GEOMETRY, ID, shapes_of
from app.exchange.collections.csv_text import point_on
from app.exchange.collections.geojson import NUMBER_DECIMALS
from app.exchange.xml_text import xml_text

MEASURES = ("shared_m", "gap_m", "facing_m", "overlap_m2")
DAYS = ("valid_from", "valid_to")

# Neighbors or not: whoever wants lengths as weights takes one of the measures.
WEIGHT = 1

_NODE_DATA = {"label": "string", "park": "string", "use_status": "string", "area_m2": "double"}
_PLACE = {"x_m": "double", "y_m": "double"}
_XML_TYPES = {NUMBER: "double", INTEGER: "int", FLAG: "boolean"}
_EDGE_DATA = {
    name: _XML_TYPES.get(kind, "string")
    for name, kind in ADJACENCY.columns.items()
    if name not in ADJACENCY.key
}


def edge_lines(pairs: Iterable[pa.RecordBatch]) -> Iterator[str]:
    """Yield pairs as CSV text, each from both sides, one piece a batch.

    Columns ``focal, neighbor, relation, weight``, the measures, the days, and the pair's id.

    Parameters
    ----------
    pairs : iterable of record batches
        Of the collection ``adjacency``.
    """
    yield _csv([["focal", "neighbor", "relation", "weight", *MEASURES, *DAYS, ID]])
    for batch in pairs:
        rows = zip(*(batch.column(name).to_pylist() for name in _EDGE_COLUMNS), strict=True)
        yield _csv(
            [one, other, relation, WEIGHT, *rest]
            for focal, neighbor, relation, *rest in rows
            for one, other in ((focal, neighbor), (neighbor, focal))
        )


_EDGE_COLUMNS = ("focal", "neighbor", "relation", *MEASURES, *DAYS, ID)


def _csv(rows: Iterable[Iterable[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def gal_lines(plots: Iterable[pa.RecordBatch], pairs: Iterable[pa.RecordBatch]) -> Iterator[str]:
    """Yield pairs in the GAL form of GeoDa: a plot and how many neighbors it has, then their keys.

    Parameters
    ----------
    plots, pairs : iterables of record batches
        Of the collections ``plots`` and ``adjacency``. Plots that only `pairs` name are listed, too.
    """
    keys, starts, ends = _both_ways(plots, pairs)
    n_neighbors = np.bincount(starts, minlength=len(keys))
    last = np.cumsum(n_neighbors)
    yield f"0 {len(keys)} plots key\n"
    for first in range(0, len(keys), 1000):
        some = range(first, min(first + 1000, len(keys)))
        yield "".join(
            f"{keys[n]} {n_neighbors[n]}\n{' '.join(keys.take(pa.array(_of(ends, last, n))).to_pylist())}\n"
            for n in some
        )


def _of(ends: np.ndarray, last: np.ndarray, n: int) -> np.ndarray:
    return ends[last[n - 1] if n else 0 : last[n]]


def _both_ways(
    plots: Iterable[pa.RecordBatch], pairs: Iterable[pa.RecordBatch]
) -> tuple[pa.Array, np.ndarray, np.ndarray]:
    """Return all keys in order, and each pair from both sides as positions among them, once and in order."""
    known = _joined([batch.column("key") for batch in plots])
    sides = [(batch.column("focal"), batch.column("neighbor")) for batch in pairs]
    focal, neighbor = (_joined([side[n] for side in sides]) for n in (0, 1))
    keys = pc.unique(pa.concat_arrays([known, focal, neighbor]))
    keys = keys.take(pc.sort_indices(keys))
    one, other = (pc.index_in(side, value_set=keys).to_numpy().astype(np.int64) for side in (focal, neighbor))
    n = max(len(keys), 1)
    both = np.unique(np.concatenate([one * n + other, other * n + one]))
    return keys, both // n, both % n


def _joined(arrays: list[pa.Array]) -> pa.Array:
    return pa.concat_arrays(arrays) if arrays else pa.array([], pa.string())


def graphml_lines(
    plots: Iterable[pa.RecordBatch], pairs: Iterable[pa.RecordBatch], about: Mapping[str, str]
) -> Iterator[str]:
    """Yield plots and pairs as a GraphML document with one undirected graph.

    Parameters
    ----------
    plots, pairs : iterables of record batches
        Of the collections ``plots`` and ``adjacency``. Plots that only `pairs` name become nodes without
        data.
    about : mapping
        Metadata of the rows; data of the graph.
    """
    yield _graphml_head(about)
    known: set[str] = set()
    for batch in plots:
        yield "".join(_nodes(batch, known))
    for batch in pairs:
        named = {key for side in ADJACENCY.key for key in batch.column(side).to_pylist()} - known
        known |= named
        yield "".join(f"<node id={_quoted(key)}/>\n" for key in sorted(named))
        yield "".join(_edges(batch))
    yield "</graph>\n</graphml>\n"


def _graphml_head(about: Mapping[str, str]) -> str:
    kinds = {
        "graph": dict.fromkeys(about, "string"),
        "node": {**_NODE_DATA, **_PLACE},
        "edge": _EDGE_DATA,
    }
    keys = [
        f'<key id="{of}_{name}" for="{of}" attr.name="{name}" attr.type="{kind}"/>\n'
        for of, names in kinds.items()
        for name, kind in names.items()
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
        + "".join(keys)
        + f'<graph id="{ADJACENCY.name}" edgedefault="undirected">\n{_data("graph", about)}\n'
    )


def _nodes(batch: pa.RecordBatch, known: set[str]) -> Iterator[str]:
    """Yield a node for each plot that is not known yet; of its versions the first counts."""
    xy = shapely.get_coordinates(point_on(shapes_of(batch))).round(NUMBER_DECIMALS).tolist()
    for row, (x, y) in zip(batch.drop_columns([GEOMETRY]).to_pylist(), xy, strict=True):
        if row["key"] not in known:
            known.add(row["key"])
            values = {**{name: row[name] for name in _NODE_DATA}, "x_m": x, "y_m": y}
            yield f"<node id={_quoted(row['key'])}>{_data('node', values)}</node>\n"


def _edges(batch: pa.RecordBatch) -> Iterator[str]:
    for row in batch.drop_columns([GEOMETRY]).to_pylist():
        values = {name: row[name] for name in _EDGE_DATA}
        ends = f"source={_quoted(row['focal'])} target={_quoted(row['neighbor'])}"
        yield f"<edge id={_quoted(row[ID])} {ends}>{_data('edge', values)}</edge>\n"


def _data(of: str, values: Mapping[str, Any]) -> str:
    return "".join(
        f'<data key="{of}_{name}">{escape(xml_text(_text(value)))}</data>'
        for name, value in values.items()
        if value is not None
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(key: str) -> str:
    return quoteattr(xml_text(key))
