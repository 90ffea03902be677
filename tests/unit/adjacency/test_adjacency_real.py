"""Real cadastre files, where the environment variable REAL_DATA_DIR names a folder that holds them."""

from __future__ import annotations

import gzip
import os
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from app.analysis.adjacency import Tolerances, typed_neighbors
from app.errors import DataError
from app.services.land.plot_reading import Reading
from app.services.neighbors.plot_files import plots_in_metres, read_plots

REAL = os.environ.get("REAL_DATA_DIR")
GML = "{http://www.opengis.net/gml/3.2}"
NAS = "{http://www.adv-online.de/namespaces/adv/gid/6.0}"

pytestmark = pytest.mark.skipif(not REAL, reason="REAL_DATA_DIR is not set")


def real(name: str) -> Path:
    path = Path(str(REAL)) / name
    if not path.exists():
        pytest.skip(f"{name} is not in REAL_DATA_DIR")
    return path


def arc_points(points: np.ndarray, most_deg: float = 2.0) -> np.ndarray:
    """Points along the circle through three points, in their order."""
    first, middle, last = (complex(*point) for point in points)
    turned = (last - first) / (middle - first)
    center = (middle - first) * (turned - abs(turned) ** 2) / (2j * turned.imag) + first
    radius = abs(first - center)
    sweep = np.angle((middle - center) / (first - center)) + np.angle((last - center) / (middle - center))
    n_steps = max(2, int(np.ceil(abs(np.degrees(sweep)) / most_deg)))
    angles = np.angle(first - center) + np.linspace(0, sweep, n_steps + 1)
    arc = center + radius * np.exp(1j * angles)
    arc[0], arc[-1] = first, last
    return np.column_stack([arc.real, arc.imag])


def ring(element: ET.Element) -> np.ndarray:
    pieces = []
    for segment in element.iter():
        if segment.tag in {f"{GML}LineStringSegment", f"{GML}Arc"}:
            points = np.array(segment.findtext(f"{GML}posList").split(), dtype=float).reshape(-1, 2)
            pieces.append(arc_points(points) if segment.tag == f"{GML}Arc" else points)
    return np.concatenate(pieces)


def parcels(path: Path) -> gpd.GeoDataFrame:
    """The AX_Flurstueck polygons of a NAS file, arcs as chords."""
    keys, polygons = [], []
    with gzip.open(path) as stream:
        root = ET.parse(stream).getroot()
    for parcel in root.iter(f"{NAS}AX_Flurstueck"):
        patch = parcel.find(f"{NAS}position").find(f".//{GML}PolygonPatch")
        rings = [ring(element) for element in patch]
        keys.append(parcel.get(f"{GML}id"))
        polygons.append(shapely.Polygon(rings[0], rings[1:]))
    return gpd.GeoDataFrame({"key": keys}, geometry=polygons, crs="EPSG:25832")


def test_hamburg_parcels_have_310_edges_and_111_corners() -> None:
    plots = parcels(real("alkis_nas/ALKIS_NeuwScharh_0003.xml.gz"))
    # At the precision of the file every common border is an edge, however short.
    exact = typed_neighbors(plots, "key", Tolerances(snap_m=0.0001, edge_m=0.1))
    assert len(plots) == 137
    assert counted(exact) == {"edge": 310, "corner": 111, "across": 7}


def test_hamburg_parcels_with_the_usual_lengths() -> None:
    plots = parcels(real("alkis_nas/ALKIS_NeuwScharh_0003.xml.gz"))
    # Three common borders are shorter than 0.50 m; ten pairs part from a corner so slowly that they run
    # within 0.10 m of each other for longer than that; one pair passes a corner 13 mm apart.
    assert counted(typed_neighbors(plots, "key")) == {
        "edge": 310 - 3 + 10,
        "corner": 111 + 3 - 10 + 1,
        "across": 7,
    }


def counted(found: gpd.GeoDataFrame) -> dict[str, int]:
    return found.relation.value_counts().to_dict()


def test_nrw_parcels_keep_their_area_and_their_neighbors() -> None:
    plots = read_plots(real("alkis_wfs/nrw_1000.xml"))
    neighbors = typed_neighbors(plots.frame, plots.key)
    assert plots.frame.area.sum() == pytest.approx(16_305_242, abs=1)
    assert counted(neighbors) == {"edge": 886, "across": 241, "corner": 72}


@pytest.mark.parametrize("state", ["ham", "hes", "nrw"])
def test_pages_of_ten_lie_where_they_should(state: str) -> None:
    for page in (0, 10, 20, 30, 40):
        plots = read_plots(real(f"alkis_wfs/{state}_page{page}.xml"))
        lon, lat = plots.frame.to_crs(4326).union_all().centroid.coords[0]
        assert len(plots.frame) == 10
        assert (5.8 < lon < 10.6, 49 < lat < 54) == (True, True)


def test_overlapping_pages_count_once(tmp_path: Path) -> None:
    for page in (0, 10, 20, 30, 40):
        shutil.copy(real(f"alkis_wfs/nrw_page{page}.xml"), tmp_path)
    whole = plots_in_metres(Reading(tmp_path))
    shutil.copy(tmp_path / "nrw_page20.xml", tmp_path / "again.xml")
    again = plots_in_metres(Reading(tmp_path))
    assert (len(whole.frame), whole.n_again) == (50, 0)
    assert (len(again.frame), again.n_again) == (50, 10)
    assert counted(typed_neighbors(again.frame, again.key)) == counted(
        typed_neighbors(whole.frame, whole.key)
    )


def test_nas_is_refused_by_name(tmp_path: Path) -> None:
    packed = real("alkis_nas/ALKIS_NeuwScharh_0003.xml.gz")
    path = tmp_path / "extract.xml"
    path.write_bytes(gzip.decompress(packed.read_bytes()))
    with pytest.raises(DataError, match="is an ALKIS extract in NAS"):
        read_plots(path)
