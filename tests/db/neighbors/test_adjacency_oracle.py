"""The same neighbors by PostGIS: its dimensionally extended intersection model, lengths and areas."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import Connection, text

from app.analysis.adjacency import Tolerances, typed_neighbors
from tests.scenes import placed, plots_frame, rectangle
from tests.unit.adjacency.fabrics import blocks, bricks, grid

RELATED = text(
    """
    WITH plot AS (
        SELECT key, ST_SetSRID(ST_GeomFromWKB(wkb), 25832) AS geometry
        FROM unnest(CAST(:keys AS text[]), CAST(:wkbs AS bytea[])) AS given (key, wkb)
    )
    SELECT
        a.key, b.key,
        CASE
            WHEN ST_Relate(a.geometry, b.geometry, '2********') THEN 'overlap'
            WHEN ST_Relate(a.geometry, b.geometry, 'F***1****') THEN 'edge'
            ELSE 'corner'
        END,
        ST_Length(ST_CollectionExtract(
            ST_Intersection(ST_Boundary(a.geometry), ST_Boundary(b.geometry)), 2)),
        ST_Area(ST_Intersection(a.geometry, b.geometry))
    FROM plot a JOIN plot b ON a.key < b.key AND ST_Intersects(a.geometry, b.geometry)
    """
)


def related(
    connection: Connection, plots: gpd.GeoDataFrame
) -> dict[tuple[str, str], tuple[str, float, float]]:
    """Relation, common length and common area of each pair that PostGIS finds in contact."""
    given = {"keys": list(plots["key"]), "wkbs": list(shapely.to_wkb(plots.geometry.to_numpy()))}
    return {(a, b): (relation, m, m2) for a, b, relation, m, m2 in connection.execute(RELATED, given)}


def rounded(plots: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Upright plots on whole decimetres: PostGIS's answer is exact there."""
    return plots.set_geometry(
        shapely.transform(plots.geometry.to_numpy(), lambda xy: xy.round(1)), crs=plots.crs
    )


def towers() -> gpd.GeoDataFrame:
    ring = shapely.box(0, 0, 60, 60).difference(shapely.box(20, 20, 40, 40))
    return plots_frame(
        A=placed(ring),
        B=rectangle(20, 20, 40, 40),
        C=rectangle(50, 50, 80, 80),
        D=rectangle(60, 20, 70, 45),
        E=rectangle(80, 80, 90, 90),
        F=rectangle(50, 50, 80, 80),
    )


@pytest.mark.parametrize(
    "plots",
    [grid(5, 4), bricks(5, 4), rounded(blocks(3, 3)), rounded(blocks(4, 3)), towers()],
    ids=["grid", "bricks", "blocks", "more blocks", "towers"],
)
def test_contacts_are_those_of_postgis(connection: Connection, plots: gpd.GeoDataFrame) -> None:
    # Borders that meet over less than half a decimetre do not occur on whole decimetres.
    found = typed_neighbors(plots, "key", Tolerances(snap_m=0.01, edge_m=0.05))
    contacts = found[found.relation != "across"]
    expected = related(connection, plots)
    assert len(expected) > 5
    assert {(row.focal, row.neighbor): row.relation for row in contacts.itertuples()} == {
        pair: relation for pair, (relation, _, _) in expected.items()
    }
    for row in contacts.itertuples():
        _, common_m, common_m2 = expected[row.focal, row.neighbor]
        if row.relation != "corner":
            assert row.shared_m == pytest.approx(common_m, abs=1e-6)
        if row.relation == "overlap":
            assert row.overlap_m2 == pytest.approx(common_m2, abs=1e-6)
