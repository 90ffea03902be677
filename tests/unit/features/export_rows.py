"""Exports of hostile rows of every collection, and what readers must find of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from app.domain.frames import CONTRACTS, DAY, FLAG, INTEGER, NUMBER, PLOTS, TEXT, Contract
from app.exchange.collections.arrow_rows import Part
from app.exchange.collections.files import Export

HOSTILE = [
    "</script><img src=x>",
    "=1+1",
    "+1",
    "-1",
    "@x",
    '";a,b',
    "ä" * 200,
    "a\x01b]]>&amp;\nc",
    "'",
    "\t=2",
]
MEMBERS = {
    "name": "x",
    "licence": "ODbL 1.0",
    "attribution": "© <A> & „B“",
    "state": "2024-04-24",
    "note": "n",
}

SHAPES = {
    "Point": shapely.Point(600000.123456789, 5800000),
    "LineString": shapely.LineString([(600000, 5800000), (600030, 5800040)]),
    "MultiLineString": shapely.MultiLineString([[(600000, 5800000), (600030, 5800040)], [(0, 0), (1, 1)]]),
    "Polygon": shapely.box(600000, 5800000, 600010, 5800020),
    "MultiPolygon": shapely.MultiPolygon(
        [shapely.box(6e5, 58e5, 600010, 5800020), shapely.box(7e5, 58e5, 7e5 + 9, 58e5 + 9)]
    ),
    "GeometryCollection": shapely.GeometryCollection(
        [shapely.Point(6e5, 58e5), shapely.LineString([(6e5, 58e5), (6e5, 58e5 + 4)])]
    ),
}


def value(kind: str, n: int, column: str) -> Any:
    """Return the n-th value of a column; every third is unknown, except of what is part of an id."""
    if column in {"key", "focal", "neighbor", "tour"}:
        return f"{column[0]}{n:03}"
    if n % 3 == 2 and kind != FLAG:
        return None
    made = {
        TEXT: HOSTILE[n % len(HOSTILE)],
        DAY: date(2020, 1, 1 + n % 28),
        INTEGER: n,
        NUMBER: n / 7,
        FLAG: n % 2 == 0,
    }
    return made[kind]


def rows_of(contract: Contract, n_rows: int, first: int = 0) -> Part:
    """Return rows whose texts are hostile and whose geometries are of all the contract's types."""
    numbers = range(first, first + n_rows)
    dtypes = {NUMBER: "float64", INTEGER: "Int64", FLAG: bool}
    columns = {
        name: pd.Series([value(kind, n, name) for n in numbers], dtype=dtypes.get(kind, object))
        for name, kind in contract.columns.items()
    }
    kinds = contract.geometry_types
    shapes = gpd.GeoSeries([SHAPES[kinds[n % len(kinds)]] for n in numbers], crs=25832)
    ids = ["~".join(str(columns[key].iloc[n]) for key in contract.key) for n in range(n_rows)]
    return ids, gpd.GeoDataFrame(columns, geometry=shapes)


def made(name: str, *sizes: int) -> tuple[Export, list[Part]]:
    """Return an export of parts of so many rows, and the parts."""
    contract = CONTRACTS[name]
    parts = [rows_of(contract, n, sum(sizes[:k])) for k, n in enumerate(sizes)]
    plots = [rows_of(PLOTS, 3)]

    def features() -> Iterator[str]:
        yield from ()

    count = sum(sizes)
    return Export(contract, MEMBERS, features, lambda: iter(parts), lambda: iter(plots), lambda: count), parts


def expected(parts: list[Part], contract: Contract) -> list[dict[str, Any]]:
    """Return the rows as plain values, computed the long way."""
    rows = []
    for ids, frame in parts:
        for identity, (_, row) in zip(ids, frame.iterrows(), strict=True):
            told = {"id": identity}
            for name, kind in contract.columns.items():
                known = not pd.isna(row[name])
                told[name] = (round(float(row[name]), 3) if kind == NUMBER else row[name]) if known else None
            rows.append(told)
    return rows


def plain(frame: pd.DataFrame, contract: Contract) -> list[dict[str, Any]]:
    """Return a frame that a reader gave as plain values."""
    make = {NUMBER: float, INTEGER: int, FLAG: bool, TEXT: str, DAY: lambda day: pd.Timestamp(day).date()}
    return [
        {"id": row["id"]}
        | {
            name: None if pd.isna(row[name]) else make[kind](row[name])
            for name, kind in contract.columns.items()
        }
        for row in frame.to_dict("records")
    ]


def same(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    assert [row["id"] for row in found] == [row["id"] for row in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert one == pytest.approx(other, abs=1e-9)


NAMES = list(CONTRACTS)
