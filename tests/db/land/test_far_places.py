"""Every door through which coordinates come in: what lies far from every park is refused."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from shapely import LineString, Point
from sqlalchemy import Connection, text

from app.analysis.adjacency import typed_neighbors
from app.db.changes import state_of_data
from app.domain.crs import STORAGE_CRS, to_storage
from app.domain.feature_query import FeatureQuery
from app.domain.period import Period
from app.errors import DataError, InputError
from app.exchange.collections.files import write_file
from app.services.features.exporting import take_out
from app.services.features.importing import (
    StoreOptions,
    import_dataset,
    import_file,
    load_dataset,
    store_collection,
)
from app.services.land.foreign_plots import ImportOptions, read_foreign_plots
from app.services.land.near_parks import check_near_parks
from app.services.setup.first_start import SHIPPED
from app.services.tours.storing import store_tours
from app.services.walking.permissions import add_walkway, read_walkway
from tests.scenes import rectangle

NEAR_PARKS = ("plots", "companies", "facilities", "walkways", "footprints")
# Gauss-Krueger coordinates of three parcels at the southern edge of Heinenkamp I.
PARCELS = {
    "GK-A": [(3618100, 5805100), (3618400, 5805400), (3618500, 5805300), (3618200, 5805000)],
    "GK-B": [(3618100, 5805100), (3618240, 5805240), (3618140, 5805340), (3618000, 5805200)],
    "GK-C": [(3618240, 5805240), (3618400, 5805400), (3618300, 5805500), (3618140, 5805340)],
}
READING = ImportOptions(key="kz", park="heinenkamp-1", source="survey", accepted_m=5)


def exported(connection: Connection, folder: Path, name: str) -> Path:
    out = folder / f"{name}.geojson"
    write_file(out, "geojson", take_out(connection, FeatureQuery(name)))
    return out


def moved(path: Path, change: Any) -> Path:
    """Move the last feature of a file."""
    document = json.loads(path.read_text("utf-8"))
    feature = document["features"][-1]
    shape = shapely.transform(shapely.from_geojson(json.dumps(feature["geometry"])), change)
    feature["geometry"] = json.loads(shapely.to_geojson(shape))
    path.write_text(json.dumps(document), "utf-8")
    return path


def swapped(xy: np.ndarray) -> np.ndarray:
    return xy[:, ::-1]


def parcels(crs: str | None = "EPSG:31467") -> gpd.GeoDataFrame:
    rings = [shapely.Polygon(ring) for ring in PARCELS.values()]
    return gpd.GeoDataFrame({"kz": list(PARCELS)}, geometry=rings, crs=crs)


def written(frame: gpd.GeoDataFrame, path: Path) -> Path:
    frame.to_file(path, driver="GPKG")
    return path


class TestImports:
    @pytest.mark.parametrize("name", NEAR_PARKS)
    def test_swapped(self, loaded_connection: Connection, tmp_path: Path, name: str) -> None:
        path = moved(exported(loaded_connection, tmp_path, name), swapped)
        before = state_of_data(loaded_connection)
        with pytest.raises(DataError) as refused:
            import_file(loaded_connection, name, path)
        sentence = str(refused.value)
        assert sentence.startswith(f"“{name}: ")
        assert "km from the nearest business park; with the coordinates swapped (10.7" in sentence
        assert "it would lie at Heinenkamp I" in sentence
        assert state_of_data(loaded_connection) == before

    @pytest.mark.parametrize("name", NEAR_PARKS)
    def test_far(self, loaded_connection: Connection, tmp_path: Path, name: str) -> None:
        path = moved(exported(loaded_connection, tmp_path, name), lambda xy: np.add(xy, (1, 0)))
        with pytest.raises(
            DataError, match=r"lies 6\d\.0 km from the nearest business park; expected at most 20\.0 km"
        ):
            import_file(loaded_connection, name, path)

    @pytest.mark.parametrize("form", ["gpkg", "csv"])
    def test_metres_swapped(self, loaded_connection: Connection, tmp_path: Path, form: str) -> None:
        out = tmp_path / f"facilities.{form}"
        write_file(out, form, take_out(loaded_connection, FeatureQuery("facilities")))
        if form == "csv":
            out.write_text(re.sub(r"(\d+\.\d+) (\d+\.\d+)", r"\2 \1", out.read_text("utf-8")), "utf-8")
        else:
            layer = pyogrio.read_dataframe(out).drop(columns="id")
            turned = layer.set_geometry(shapely.transform(layer.geometry.to_numpy(), swapped))
            pyogrio.write_dataframe(turned, out, layer="facilities")
        with pytest.raises(DataError, match=r"the coordinates swapped \(61\d+, 580\d+\) it would lie at"):
            import_file(loaded_connection, "facilities", out)

    def test_parks_must_lie_in_the_zone(
        self, connection: Connection, loaded_connection: Connection, tmp_path: Path
    ) -> None:
        """The first park lies near no other; a second may lie in another town, but not off Somalia."""
        path = exported(loaded_connection, tmp_path, "parks")
        import_file(connection, "parks", path)
        document = json.loads(path.read_text("utf-8"))
        for feature in document["features"]:
            feature["properties"]["key"] = f"other-{feature['properties']['key']}"
        path.write_text(json.dumps(document), "utf-8")
        elsewhere = moved(path, lambda xy: np.add(xy, (2, -3)))
        import_file(connection, "parks", elsewhere, accepts_overlaps=True)
        path.write_text(json.dumps(document).replace("other-", "third-"), "utf-8")
        with pytest.raises(
            DataError, match=r"\(52\.\d+, 10\.\d+\) lies outside the area of .* swapped \(10\.\d+, 52\."
        ):
            import_file(connection, "parks", moved(path, swapped))

    def test_without_a_park_everything_must_lie_in_the_zone(self, connection: Connection) -> None:
        check_near_parks(connection, [to_storage(Point(10.7, 52.4))], ["here"])
        with pytest.raises(InputError, match=r"“there” .* swapped"):
            check_near_parks(connection, [to_storage(Point(52.4, 10.7))], ["there"], InputError)
        with pytest.raises(DataError, match=r"“nowhere” .* EPSG:25832\.$"):
            check_near_parks(connection, [to_storage(Point(60, 60))], ["nowhere"])

    @pytest.mark.parametrize("name", [*NEAR_PARKS, "parks"])
    def test_a_data_folder(self, connection: Connection, tmp_path: Path, name: str) -> None:
        folder = tmp_path / "data"
        shutil.copytree(SHIPPED, folder)
        moved(folder / f"{name}.geojson", swapped)
        with pytest.raises(DataError, match="swapped"):
            load_dataset(connection, folder)

    def test_a_point_of_a_tour(self, loaded_connection: Connection) -> None:
        tour = {
            "key": "walk", "park": "heinenkamp-1", "title": "Walk", "starts_at": "2024-04-24T14:00+02:00",
            "time_basis": "assumed", "pace_m_s": 1.0, "is_round": False,
            "stops": [
                {"name": "gate", "lon": 10.7355, "lat": 52.3690, "dwell_min": 5},
                {"name": "yard", "lon": 52.3695, "lat": 10.7361, "dwell_min": 5},
            ],
        }  # fmt: skip
        with pytest.raises(
            DataError, match=r"“walk: yard” lies .* swapped \(10\.7361, 52\.3695\) .* Heinenkamp I"
        ):
            store_tours(loaded_connection, [tour])

    def test_the_shipped_data_lie_near(self, connection: Connection) -> None:
        assert all(tally.n_new for tally in import_dataset(connection, SHIPPED).values())


class TestWalkways:
    def test_swapped(self, loaded_connection: Connection) -> None:
        """The form and the prompt share this."""
        typed = {
            "key": "gate",
            "kind": "gate",
            "access": "public",
            "line": "52.3731, 10.7490; 52.3740, 10.7490",
        }
        with pytest.raises(
            InputError, match=r"“gate” lies 5934\.0 km .* swapped \(10\.749, 52\.3736\) .* Heinenkamp"
        ):
            add_walkway(loaded_connection, read_walkway(typed))

    def test_far(self, loaded_connection: Connection) -> None:
        draft = read_walkway(
            {"key": "g", "kind": "gate", "access": "public", "line": "9.7, 52.3; 9.7, 52.31"}
        )
        assert isinstance(draft.line, LineString)
        assert draft.period == Period(None, None)
        with pytest.raises(InputError, match="km from the nearest business park; expected"):
            add_walkway(loaded_connection, draft)


class TestPlotsFromElsewhere:
    def test_gauss_krueger_is_moved_by_one_operation(
        self, loaded_connection: Connection, tmp_path: Path
    ) -> None:
        told: list[str] = []
        frame = read_foreign_plots(
            loaded_connection, written(parcels(), tmp_path / "gk.gpkg"), READING, None,
            lambda template, **values: told.append(template % values),
        )  # fmt: skip
        store_collection(loaded_connection, "plots", frame, StoreOptions(accepts_overlaps=True))
        pairs = typed_neighbors(frame, "key")
        assert set(pairs.relation) == {"edge"}
        # 0.04 % shorter than on the ground, as the zone has it there.
        assert sorted(pairs.shared_m) == pytest.approx([141.4, 198.0, 226.3], abs=0.15)
        (sentence,) = told
        assert sentence.startswith("Transformed by DHDN to ETRS89 (")
        assert " accurate to " in sentence
        if "BETA2007" not in sentence:
            pytest.skip("no BeTA2007 grid on this machine (Debian: proj-data): PostGIS not compared")
        for shape, ring in zip(frame.geometry, parcels().geometry, strict=True):
            wkb = shapely.to_wkb(ring, hex=True)
            again = loaded_connection.execute(
                text("SELECT ST_AsBinary(ST_Transform(ST_GeomFromWKB(decode(:wkb, 'hex'), 31467), 25832))"),
                {"wkb": wkb},
            ).scalar_one()
            there = shapely.get_coordinates(shapely.from_wkb(bytes(again)))
            np.testing.assert_allclose(shapely.get_coordinates(shape), there, atol=1e-3)

    def test_swapped(self, loaded_connection: Connection, tmp_path: Path) -> None:
        plots = gpd.GeoDataFrame({"kz": ["a"]}, geometry=[rectangle(0, 0, 40, 50)], crs=STORAGE_CRS).to_crs(
            4326
        )
        turned = plots.set_geometry(shapely.transform(plots.geometry.to_numpy(), swapped), crs=4326)
        path = tmp_path / "swapped.geojson"
        turned.to_file(path, driver="GeoJSON")
        with pytest.raises(
            DataError, match=r"“swapped\.geojson: a” lies [56],?\d+\.0 km .* swapped .* Heinenkamp"
        ):
            read_foreign_plots(loaded_connection, path, READING, None)

    def test_unknown_datum(self, loaded_connection: Connection, tmp_path: Path) -> None:
        pyogrio.write_dataframe(parcels(), tmp_path / "plots.shp")
        # As some programs write it: projection and ellipsoid, but not the datum.
        (tmp_path / "plots.prj").write_text(
            'PROJCS["unnamed",GEOGCS["Bessel",DATUM["unknown",SPHEROID["bessel",6377397.155,299.1528128]],'
            'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
            'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",9],PARAMETER["scale_factor",1],'
            'PARAMETER["false_easting",3500000],PARAMETER["false_northing",0],UNIT["Meter",1]]'
        )
        with pytest.raises(DataError, match=r"“plots\.shp” does not state the datum .* --crs EPSG:31467"):
            read_foreign_plots(loaded_connection, tmp_path / "plots.shp", READING, None)
        asked = replace(READING, crs="EPSG:31467")
        assert len(read_foreign_plots(loaded_connection, tmp_path / "plots.shp", asked, None)) == 3

    def test_a_contradiction(self, loaded_connection: Connection, tmp_path: Path) -> None:
        path = written(parcels(), tmp_path / "plots.gpkg")
        asked = replace(READING, crs="EPSG:31468")
        with pytest.raises(InputError, match="states EPSG:31467"):
            read_foreign_plots(loaded_connection, path, asked, None)


def test_a_place_that_is_nowhere_on_earth(loaded_connection: Connection) -> None:
    for place in (Point(1e12, 1e12), Point(np.inf, np.inf)):
        with pytest.raises(DataError, match=r"“x” lies 20000\.0 km from the nearest business park; expected"):
            check_near_parks(loaded_connection, [place], ["x"])
