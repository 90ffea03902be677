"""Which reference system a file's coordinates are in: stated, said by a person, or told by neither."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer

from app.errors import InputError
from app.exchange.land.file_crs import parse_crs
from app.services.land.plot_reading import Reading, read_frame
from tests.unit.at_the_prompt import Ran
from tests.unit.neighbors.plot_files import write

GAUSS_KRUEGER = "EPSG:31467"
UTM = "EPSG:25832"

# Three parcels in Gauss-Krueger coordinates, on both sides of the line on which PROJ changes its parameters.
THREE = {
    "GK-A": [(3618100, 5805100), (3618400, 5805400), (3618500, 5805300), (3618200, 5805000)],
    "GK-B": [(3618100, 5805100), (3618240, 5805240), (3618140, 5805340), (3618000, 5805200)],
    "GK-C": [(3618240, 5805240), (3618400, 5805400), (3618300, 5805500), (3618140, 5805340)],
}
LOCAL = 'LOCAL_CS["Gauss-Krueger",UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
NO_DATUM = (
    'PROJCS["unnamed",GEOGCS["Bessel 1841",DATUM["unknown",SPHEROID["bessel",6377397.155,299.1528128]],'
    'PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]],PROJECTION["Transverse_Mercator"],'
    'PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",9],PARAMETER["scale_factor",1],'
    'PARAMETER["false_easting",3500000],PARAMETER["false_northing",0],UNIT["Meter",1]]'
)
GML = """<?xml version="1.0" encoding="UTF-8"?>
<c:Collection xmlns:c="urn:parcels" xmlns:gml="http://www.opengis.net/gml/3.2" gml:id="c"><gml:featureMember>
<c:Parcel gml:id="F1"><c:kz>A</c:kz><c:shape>
<gml:Polygon srsName="{name}" {dimension} gml:id="p"><gml:exterior>
<gml:LinearRing><gml:posList>{positions}</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon></c:shape>
</c:Parcel></gml:featureMember></c:Collection>
"""


def three(crs: Any = GAUSS_KRUEGER) -> gpd.GeoDataFrame:
    rings = [shapely.Polygon(ring) for ring in THREE.values()]
    return gpd.GeoDataFrame({"kz": list(THREE)}, geometry=rings, crs=crs)


def written_geojson(
    name: str, parcels: Mapping[str, list[tuple[float, float]]], crs: str | None = None
) -> Path:
    features = [
        {"type": "Feature", "properties": {"kz": key}, "geometry": shapely.Polygon(ring).__geo_interface__}
        for key, ring in parcels.items()
    ]
    stated = {} if crs is None else {"crs": {"type": "name", "properties": {"name": crs}}}
    path = Path(name)
    path.write_text(json.dumps({"type": "FeatureCollection", **stated, "features": features}))
    return path


def written_shapefile(prj: str) -> Path:
    path = write(three(UTM), "plots.shp")
    path.with_suffix(".prj").write_text(prj)
    return path


def square(lon: float, lat: float, side: float = 0.001) -> list[tuple[float, float]]:
    return [(lon, lat), (lon + side, lat), (lon + side, lat + side), (lon, lat + side)]


class TestGaussKrueger:
    def test_three_edges(self, compute: Callable[..., Ran]) -> None:
        write(three(), "plots.gpkg")
        ran = compute("plots.gpkg", out="-")
        assert [row.split(",")[2:4] for row in ran.out.splitlines()[1:]] == [
            ["edge", "197.990"],
            ["edge", "226.274"],
            ["edge", "141.421"],
        ]
        assert "Transformed" not in ran.err

    @pytest.mark.parametrize("out", ["edges.csv", "edges.geojson"])
    def test_in_degrees_measured_without_a_change_of_datum(
        self, compute: Callable[..., Ran], out: str
    ) -> None:
        write(three().to_crs(4314), "plots.gpkg")
        ran = compute("plots.gpkg", "--accept-accuracy", "5", out=out)
        assert "Projected to DHDN / UTM zone 32N" in ran.err
        assert "edge 3," in ran.err
        assert ("Transformed by DHDN to WGS 84" in ran.err) is out.endswith(".geojson")

    def test_what_was_done_to_the_evidence_is_told(self, compute: Callable[..., Ran]) -> None:
        write(three(), "plots.gpkg")
        ran = compute("plots.gpkg", "--accept-accuracy", "5", out="edges.geojson")
        assert ran.code == 0
        assert "Transformed by DHDN to WGS 84" in ran.err
        assert " m\n" in ran.err.split("accurate to ")[1]
        edges = gpd.read_file("edges.geojson")
        # The corner that the three share is one point.
        assert len({point for line in edges.geometry for point in line.coords}) == 4


class TestNoPlaceOnEarth:
    def test_local_system(self, compute: Callable[..., Ran]) -> None:
        written_shapefile(LOCAL)
        for out in ("edges.csv", "edges.geojson"):
            ran = compute("plots.shp", out=out)
            assert ran.code == 3
            assert "“plots.shp” does not state its coordinate reference system; give it with --crs" in ran.err
        assert compute("plots.shp", "--crs", GAUSS_KRUEGER).code == 0

    def test_undefined_system_of_a_geopackage(self, compute: Callable[..., Ran]) -> None:
        write(three(), "plots.gpkg", layer="plots")
        with closing(sqlite3.connect("plots.gpkg")) as file, file:
            file.execute("UPDATE gpkg_contents SET srs_id = -1")
            file.execute("UPDATE gpkg_geometry_columns SET srs_id = -1")
        assert "does not state its coordinate reference system" in compute("plots.gpkg").err
        assert compute("plots.gpkg", "--crs", GAUSS_KRUEGER).code == 0

    def test_unknown_datum(self, compute: Callable[..., Ran]) -> None:
        """Nothing is measured differently without one, but nothing can be placed."""
        written_shapefile(NO_DATUM)
        assert compute("plots.shp").code == 0
        ran = compute("plots.shp", out="edges.geojson")
        assert ran.code == 3
        assert "“plots.shp” does not state the datum" in ran.err
        assert "--crs EPSG:31467" in ran.err
        assert (
            compute("plots.shp", "--crs", GAUSS_KRUEGER, "--accept-accuracy", "5", out="edges.geojson").code
            == 0
        )

    @pytest.mark.parametrize(
        ("epsg", "example"),
        [(25832, 25832), (4647, 4647), (5650, 5650), (31467, 31467), (31468, 31468), (4326, 4258)],
    )
    def test_the_example_is_one_in_which_the_coordinates_lie(
        self, compute: Callable[..., Ran], epsg: int, example: int
    ) -> None:
        moved = three().to_crs(epsg).geometry.to_numpy()
        path = write(three(UTM).set_geometry(moved).set_crs(UTM, allow_override=True), "plots.shp")
        path.with_suffix(".prj").write_text(LOCAL)
        assert f"give it with --crs, for example --crs EPSG:{example}." in compute("plots.shp").err

    def test_a_local_system_cannot_be_asked_for(self) -> None:
        with pytest.raises(InputError, match="is not a valid coordinate reference system"):
            parse_crs(LOCAL)


class TestContradiction:
    @pytest.mark.parametrize("asked", ["EPSG:25833", "EPSG:31467", "EPSG:3044"])
    def test_of_what_the_file_states(self, compute: Callable[..., Ran], asked: str) -> None:
        """Other systems in which the same numbers lie well, too; EPSG:3044 has only its axes swapped."""
        plots = three().set_crs(UTM, allow_override=True)
        plots = plots.set_geometry(plots.translate(-3_000_000))
        write(plots, "plots.gpkg")
        for out in ("edges.csv", "edges.geojson"):
            ran = compute("plots.gpkg", "--crs", asked, out=out)
            if asked == "EPSG:3044":
                assert ran.code == 0
                continue
            assert ran.code == 2
            assert "“plots.gpkg” states EPSG:25832 (ETRS89 / UTM zone 32N)" in ran.err

    def test_a_wrong_statement_is_overruled(self, compute: Callable[..., Ran]) -> None:
        write(three().set_crs(UTM, allow_override=True), "plots.gpkg")
        assert "lie outside EPSG:25832" in compute("plots.gpkg").err
        assert compute("plots.gpkg", "--crs", GAUSS_KRUEGER).code == 0

    def test_nothing_is_advised_where_no_usual_system_fits(self, compute: Callable[..., Ran]) -> None:
        far = three().set_crs(UTM, allow_override=True)
        write(far.set_geometry(far.translate(xoff=2e7)), "plots.gpkg")
        refused = compute("plots.gpkg").err
        assert "lie outside EPSG:25832" in refused
        assert "and every system in common use in Germany" in refused
        assert "for example" not in refused


class TestSwapped:
    def test_northing_first_is_refused_and_the_swap_offered(self, compute: Callable[..., Ran]) -> None:
        plots = three()
        write(plots.set_geometry(plots.geometry.transform(lambda xy: xy[:, ::-1])), "plots.gpkg")
        ran = compute("plots.gpkg")
        assert ran.code == 3
        assert (
            "lie outside EPSG:31467 (DHDN / 3-degree Gauss-Kruger zone 3), but inside it with x and y swapped"
            in ran.err
        )

    @pytest.mark.parametrize("out", ["edges.csv", "edges.geojson"])
    def test_latitude_first_is_said(self, compute: Callable[..., Ran], out: str) -> None:
        written_geojson("plots.geojson", {"a": square(52.4281, 10.7728)})
        assert (
            "with longitude and latitude swapped they lie in Germany" in compute("plots.geojson", out=out).err
        )
        written_geojson("plots.geojson", {"a": square(10.7728, 52.4281)})
        assert "swapped" not in compute("plots.geojson", out=out).err


@pytest.mark.parametrize("out", ["edges.csv", "edges.geojson"])
def test_two_continents(compute: Callable[..., Ran], out: str) -> None:
    written_geojson("plots.geojson", {"a": square(10, 52), "b": square(10.001, 52), "far": square(-100, 40)})
    ran = compute("plots.geojson", out=out)
    assert ran.code == 3
    assert "“plots.geojson” lie too far apart to be measured in one map projection" in ran.err


@pytest.mark.parametrize(
    ("name", "epsg"),
    [
        ("ETRS89_UTM32", 25832),
        ("ETRS89_UTM33", 25833),
        ("ETRS89_UTM32*DE_DHHN2016_NH", 25832),
        ("ETRS89_UTM33*DE_DHHN92_NH", 25833),
        ("DE_DHDN_3GK3", 31467),
        ("DE_DHDN_3GK4_BY120", 31468),
        ("DE_DHDN_3GK2_NW177*DE_DHHN12_NOH", 31466),
        ("DE_42-83_3GK4", 2398),
        ("DE_RD-83_3GK5", 3399),
        ("DE_PD-83_3GK4", 3397),
        ("ETRS89_Lat-Lon", 4258),
        ("DE_DHDN_Lat-Lon", 4314),
    ],
)
class TestNamesOfTheGermanSurveys:
    def test_typed(self, name: str, epsg: int) -> None:
        assert parse_crs(f"urn:adv:crs:{name}") == CRS.from_epsg(epsg)

    def test_in_gml(self, tmp_path: Path, compute: Callable[..., Ran], name: str, epsg: int) -> None:
        """GDAL knows none of them; latitude comes first where the name says so."""
        to_crs = Transformer.from_crs(25833, epsg, always_xy=True)
        ring = [(0, 0), (90, 0), (90, 90), (0, 90), (0, 0)]
        corners = [to_crs.transform(300_000 + x, 5_650_000 + y) for x, y in ring]
        has_heights = "*DE_DHHN2016" in name
        positions = " ".join(
            " ".join(
                map(repr, (*(corner[::-1] if "Lat" in name else corner), *([55.0] if has_heights else [])))
            )
            for corner in corners
        )
        dimension = 'srsDimension="3"' if has_heights else ""
        path = Path("parcels.gml")
        path.write_text(GML.format(name=f"urn:adv:crs:{name}", positions=positions, dimension=dimension))
        read, _, _ = read_frame(Reading(path))
        assert read.crs == CRS.from_epsg(epsg)
        np.testing.assert_allclose(shapely.get_coordinates(read.geometry.iloc[0]), corners, atol=1e-6)
        for out in ("edges.csv", "edges.gpkg"):
            assert compute(path, out=out).code == 0

    def test_in_geojson(self, compute: Callable[..., Ran], name: str, epsg: int) -> None:
        """GDAL takes an unknown name for WGS 84."""
        to_crs = Transformer.from_crs(25833, epsg, always_xy=True)
        ring = [to_crs.transform(300_000 + x, 5_650_000 + y) for x, y in ((0, 0), (90, 0), (90, 90))]
        path = written_geojson("plots.geojson", {"a": ring}, f"urn:adv:crs:{name}")
        assert read_frame(Reading(path))[0].crs == CRS.from_epsg(epsg)


def test_such_a_name_within_an_archive(compute: Callable[..., Ran]) -> None:
    positions = "617000 5803000 617090 5803000 617090 5803090 617000 5803090 617000 5803000"
    content = GML.format(name="urn:adv:crs:ETRS89_UTM32", positions=positions, dimension="")
    with zipfile.ZipFile("parcels.zip", "w") as packed:
        packed.writestr("delivery/parcels.gml", content)
    assert read_frame(Reading(Path("parcels.zip")))[0].crs == CRS.from_epsg(25832)
    assert compute("parcels.zip").code == 0


def test_an_unknown_name_of_that_kind_is_no_place(compute: Callable[..., Ran]) -> None:
    path = written_geojson("plots.geojson", {"a": THREE["GK-A"]}, "urn:adv:crs:DE_DHHN92_NH")
    assert "does not state its coordinate reference system" in compute(path).err
    with pytest.raises(InputError, match="is not a valid coordinate reference system"):
        parse_crs("urn:adv:crs:DE_DHHN92_NH")
