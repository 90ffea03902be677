"""One operation for a whole file, against published points, and what is said where the best cannot be had."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import shapely
from pyproj import CRS, Transformer, datadir

from app.domain.crs import STORAGE_CRS
from app.domain.transformation import Operation, lon_lat, metric_crs, moved_xy, transformation
from app.errors import DataError, SetupError

GAUSS_KRUEGER = CRS.from_epsg(31467)
UTM = CRS.from_user_input(STORAGE_CRS)

# Published by the Federal Agency for Cartography and Geodesy with the grid BeTA2007: DHDN / 3-degree
# Gauss-Krueger zone 3, and ETRS89 / UTM zone 32N.
PUBLISHED = np.array(
    [
        [3399371.190396, 5930724.531323, 399340.601862, 5928794.177992],
        [3571307.006323, 5655705.338031, 571204.563344, 5653882.476948],
        [3595392.782000, 6023387.959898, 595286.044398, 6021417.376973],
        [3633848.721200, 5849896.198513, 633723.734075, 5847994.536970],
        [3599586.686397, 5819391.659845, 599474.934168, 5817502.626999],
        [3607695.214682, 5704557.217497, 607578.857121, 5702714.405562],
        [3616211.566778, 5291255.078896, 616089.408439, 5289578.131826],
    ]
)
# Across the line, near 52°20' N, where one set of parameters ends and the next begins.
SEAM = (3618000.0, 5798000.0, 3618500.0, 5812000.0)


@pytest.fixture
def no_grids() -> Iterator[None]:
    """Take the grids of this machine away."""
    before = datadir.get_data_dir()
    datadir.set_data_dir(before.split(":")[0])
    yield
    datadir.set_data_dir(before)


@pytest.fixture
def grid() -> None:
    """Skip where the machine has no BeTA2007."""
    operation = best(accepted_m=5)
    if "BETA2007" not in operation.pipeline:
        pytest.skip("no BeTA2007 grid on this machine (Debian: proj-data)")


def best(bounds: tuple[float, ...] = SEAM, source: CRS = GAUSS_KRUEGER, **options: float) -> Operation:
    return transformation(source, UTM, bounds, "plots.gpkg", **options)


@pytest.mark.usefixtures("grid")
def test_published_points() -> None:
    bounds = (*PUBLISHED[:, :2].min(axis=0), *PUBLISHED[:, :2].max(axis=0))
    # South of Hesse's own grid, which is better there, and missing.
    operation = best(bounds)
    assert operation.name == "DHDN to ETRS89 (8) [de_adv_BETA2007.tif]"
    assert operation.accuracy_m == pytest.approx(0.9)
    np.testing.assert_allclose(moved_xy(operation.pipeline, PUBLISHED[:, :2]), PUBLISHED[:, 2:], atol=1e-3)


@pytest.mark.usefixtures("no_grids")
class TestWithoutTheGrid:
    def test_it_is_named_and_the_accuracy_asked_for(self) -> None:
        with pytest.raises(DataError) as refused:
            best()
        sentence = str(refused.value)
        assert "“plots.gpkg”" in sentence
        assert "needs the grid de_adv_BETA2007.tif" in sentence
        assert "“DHDN to ETRS89 (2)”, accurate to 3.0 m" in sentence
        assert "--accept-accuracy 3." in sentence

    def test_less_than_there_is_will_not_do(self) -> None:
        with pytest.raises(DataError, match="--accept-accuracy 3"):
            best(accepted_m=2.9)

    def test_one_operation_for_all_of_the_file(self) -> None:
        operation = best(accepted_m=3)
        assert (operation.name, operation.accuracy_m) == ("DHDN to ETRS89 (2)", 3.0)
        # Steps of a metre northward across the seam: each as long as the one before.
        line = np.column_stack([np.full(2000, 3618200.0), 5804500.0 + np.arange(2000)])
        steps = np.linalg.norm(np.diff(moved_xy(operation.pipeline, line), axis=0), axis=1)
        assert np.ptp(steps) < 1e-6
        alone = Transformer.from_crs(GAUSS_KRUEGER, UTM, always_xy=True)
        torn = np.linalg.norm(np.diff(np.column_stack(alone.transform(*line.T)), axis=0), axis=1)
        assert np.ptp(torn) > 0.15

    def test_files_of_one_delivery_fit_together(self) -> None:
        """A file in the north and one in the south are transformed alike, as one file of both is."""
        north, south = (*SEAM[:1], 5808000.0, *SEAM[2:]), (*SEAM[:3], 5799000.0)
        assert best(north, accepted_m=3) == best(south, accepted_m=3) == best(accepted_m=3)
        assert best(north, accepted_m=1).name == "DHDN to ETRS89 (5)"

    def test_a_worker_without_the_grid_says_so(self) -> None:
        with pytest.raises(SetupError, match=r"nowhere\.tif"):
            moved_xy("proj=hgridshift grids=nowhere.tif", np.zeros((1, 2)))


def test_form_alone_is_exact() -> None:
    """Other zones, with or without their number, with heights: no datum is changed."""
    for source in (25833, 4647, 5555, 3035, 4258):
        crs = CRS.from_epsg(source)
        x, y = Transformer.from_crs(UTM, crs, always_xy=True).transform(617500.0, 5803500.0)[:2]
        operation = best((x - 1e-3, y - 1e-3, x + 1e-3, y + 1e-3), crs)
        assert (operation.name, operation.accuracy_m) == ("", 0.0)
        np.testing.assert_allclose(
            moved_xy(operation.pipeline, np.array([[x, y]])), [[617500, 5803500]], atol=1e-4
        )


def test_wgs_84_is_taken_for_etrs89() -> None:
    operation = transformation(CRS.from_epsg(4326), UTM, (10.7, 52.3, 10.8, 52.4), "a.geojson")
    assert operation.name == ""


def test_heights_do_not_matter() -> None:
    assert best(source=CRS.from_user_input("EPSG:31467+7837"), accepted_m=3) == best(accepted_m=3)


@pytest.mark.parametrize(
    ("form", "example"),
    [
        ("+proj=tmerc +lon_0=9 +x_0=3500000 +ellps=bessel", "EPSG:31467"),
        ("+proj=tmerc +lon_0=12 +x_0=4500000 +ellps=bessel", "EPSG:31468"),
        ("+proj=utm +zone=32 +ellps=GRS80", "EPSG:25832"),
        ("+proj=utm +zone=33 +ellps=GRS80", "EPSG:25833"),
    ],
)
def test_an_unknown_datum_is_refused_with_the_right_example(form: str, example: str) -> None:
    with pytest.raises(DataError, match=rf"does not state the datum .* for example --crs {example}\."):
        best(source=CRS.from_user_input(f"{form} +units=m +type=crs"))


def test_a_local_system_cannot_be_placed() -> None:
    local = CRS.from_wkt(
        'LOCAL_CS["Building site",UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH]]'
    )
    with pytest.raises(DataError, match=r"does not state the datum .*Building site"):
        best(source=local)


def test_parameters_that_the_file_states_are_taken_and_their_accuracy_is_not_made_up() -> None:
    stated = (
        "+proj=tmerc +lon_0=9 +x_0=3500000 +ellps=bessel +towgs84=598.1,73.7,418.2,0.202,0.045,-2.455,6.7"
    )
    operation = best(source=CRS.from_user_input(f"{stated} +type=crs"))
    assert operation.accuracy_m is None
    helmert = best(accepted_m=3)
    here = np.array([[3618200.0, 5801000.0]])
    assert np.linalg.norm(moved_xy(operation.pipeline, here) - moved_xy(helmert.pipeline, here)) < 3


def test_a_point_beyond_the_grid_is_refused() -> None:
    operation = best(accepted_m=3)
    with pytest.raises(DataError, match=r"x 9000000, y 1000000 cannot be transformed"):
        operation.moved(shapely.Point(9e6, 1e6))


def test_an_extent_that_no_operation_holds_for() -> None:
    with pytest.raises(DataError, match=r"no transformation from DHDN .* holds for all of its extent"):
        best((3618000.0, 4000000.0, 3618500.0, 5805500.0))


class TestMeasuring:
    def test_on_the_datum_of_the_file(self) -> None:
        """Lengths take no change of datum, whether one is known or not."""
        bounds = (10.72, 52.36, 10.73, 52.37)
        for source in (CRS.from_epsg(4314), CRS.from_user_input("+proj=longlat +ellps=bessel +type=crs")):
            target = metric_crs(source, bounds, "plots.gpkg")
            assert target is not None
            assert target.name.endswith("/ UTM zone 32N")
            assert transformation(source, target, bounds, "plots.gpkg").accuracy_m == 0

    @pytest.mark.parametrize(
        "bounds", [(-100, 40, 10.002, 52.001), (-179.9, 10, 179.9, 11), (9, -60, 9.1, 60)]
    )
    def test_too_far_apart_for_one_projection(self, bounds: tuple[float, float, float, float]) -> None:
        if bounds[3] == 60:  # one zone, however far north and south
            assert metric_crs(CRS.from_epsg(4326), bounds, "a.geojson") == CRS.from_epsg(32632)
            return
        with pytest.raises(DataError, match="lie too far apart"):
            metric_crs(CRS.from_epsg(4326), bounds, "a.geojson")

    def test_beyond_their_own_zone(self) -> None:
        """UTM coordinates far from their zone are measured in the one they lie in."""
        to_utm = Transformer.from_crs(4326, 32632, always_xy=True)
        x, y = to_utm.transform(25.0, 50.0)
        assert metric_crs(CRS.from_epsg(32632), (x, y, x + 9, y + 9), "a.gpkg") == CRS.from_epsg(25835)

    def test_degrees_of_a_place_agree_with_the_exact_ones(self) -> None:
        ((lon, lat),) = lon_lat(GAUSS_KRUEGER, [[3599586.686397, 5819391.659845]])
        assert (lon, lat) == pytest.approx((10.465380298337, 52.498573633365), abs=1e-4)
