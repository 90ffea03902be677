"""From one coordinate reference system into another: one operation for all that belongs together.

Left to itself, PROJ chooses among the operations between two datums point by point, and neighbors that shared
a border lie a meter apart afterwards. Here one is chosen for the whole extent of a file, and reported.
Last comes the system in which lengths are measured: in meters, true to length wherever plots lie.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Proj, Transformer, datadir
from pyproj.crs import ProjectedCRS
from pyproj.crs.coordinate_operation import UTMConversion
from pyproj.exceptions import ProjError
from pyproj.transformer import AreaOfInterest, TransformerGroup

from app.errors import N_, DataError, SetupError

Floats = npt.NDArray[np.float64]
Bounds = tuple[float, float, float, float]
Extent = Sequence[float] | Floats
G = TypeVar("G")

# An operation this accurate is taken without being asked for.
ACCURATE_M = 1.0

# Where Debian and Ubuntu keep grids of national datums: the package proj-data, which PostGIS brings along.
GRID_FOLDERS = ("/usr/share/proj", "/usr/local/share/proj")

# Steps of a pipeline that only change the form of coordinates, not the datum.
_FORMS = frozenset({"pipeline", "unitconvert", "axisswap", "noop", "push", "pop", "cart"})


@dataclass(frozen=True)
class Operation:
    """One coordinate operation, to be done to all coordinates of a file.

    Attributes
    ----------
    name : str
        The change of datum as EPSG names it, with its grid; empty where the datum stays as it is or, as from
        WGS 84 to ETRS89, is taken for the same.
    accuracy_m : float or None
        None where nobody states it.
    pipeline : str
        The operation for PROJ: coordinates x, y in and out. Other processes can do the same with it.
    """

    name: str
    accuracy_m: float | None
    pipeline: str

    def moved(self, geometries: G) -> G:
        """Return geometries (one, or an array) in the target system; DataError as `moved_xy`."""
        return cast("G", shapely.transform(cast("Any", geometries), lambda xy: moved_xy(self.pipeline, xy)))


def operation_notes(name: str, accuracy_m: float | None) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield as a sentence with its values which change of datum was made; nothing where there was none."""
    if name and accuracy_m is None:
        yield N_("Transformed by %(operation)s; its accuracy is not stated"), {"operation": name}
    elif name:
        values: dict[str, object] = {"operation": name, "accuracy": accuracy_m}
        yield N_("Transformed by %(operation)s, accurate to %(accuracy)s m"), values


def use_grids(folders: Sequence[str] = GRID_FOLDERS) -> None:
    """Let PROJ find the grids of this machine, besides those that came with pyproj."""
    known = datadir.get_data_dir().split(os.pathsep)
    for folder in (*os.environ.get("PROJ_DATA", "").split(os.pathsep), *folders):
        if folder and folder not in known and Path(folder).is_dir():
            datadir.append_data_dir(folder)


# Before anything is transformed: what PROJ has opened keeps its folders.
use_grids()


def moved_xy(pipeline: str, xy: Floats) -> Floats:
    """Return coordinates (n, 2) after an operation.

    Raises
    ------
    DataError
        When a point cannot be transformed: it lies outside of a grid, or nowhere on Earth.
    """
    moved = np.column_stack(_pinned(pipeline).transform(*xy.T))
    lost = np.flatnonzero(~np.isfinite(moved).all(axis=1) & np.isfinite(xy).all(axis=1))
    if lost.size:
        x, y = xy[lost[0]]
        raise DataError(
            N_("The point x %(x)s, y %(y)s cannot be transformed: it lies outside the grid or projection."),
            x=f"{x:.10g}",
            y=f"{y:.10g}",
        )
    return moved


@lru_cache(maxsize=32)
def _pinned(pipeline: str) -> Transformer:
    try:
        return Transformer.from_pipeline(pipeline)
    except ProjError:
        # A worker on another machine may have fewer grids than this one.
        raise SetupError(
            N_("A grid is missing on the machine that does the computing: %(pipeline)s."), pipeline=pipeline
        ) from None


def transformation(
    source: CRS, target: CRS, bounds: Extent, file: str, accepted_m: float | None = None
) -> Operation:
    """Return the best operation that holds for the whole of an extent.

    Parameters
    ----------
    source, target : CRS
        Heights are left aside.
    bounds : sequence of float
        (minx, miny, maxx, maxy) in `source`; NaN where there is nothing to transform.
    file : str
        What is transformed, named in sentences.
    accepted_m : float, optional
        The accuracy that will do where the grid of the best operation is missing, or the best is worse than
        `ACCURATE_M`.

    Raises
    ------
    DataError
        When the datum is unknown, no operation holds for the whole extent, or none of them is accurate
        enough; the sentence names the missing grid and the accuracy there is.
    """
    source, target = horizontal(source), horizontal(target)
    if source.geodetic_crs is None:
        raise _none_known(source, target, [], file)
    group = _group(source, target, box := lon_lat_box(source, bounds))
    usable = [each for each in group.transformers if _covers(each.area_of_use, box)]
    missing = [each for each in group.unavailable_operations if _covers(each.area_of_use, box)]
    if not usable:
        raise _none_known(source, target, missing, file)
    best = usable[0]
    better = [each for each in missing if 0 <= each.accuracy < best.accuracy]
    if better:
        best = _second_best(usable, better, file, accepted_m)
    elif best.accuracy > max(ACCURATE_M, accepted_m or 0.0):
        raise DataError(
            N_(
                "“%(file)s”: the best transformation, “%(operation)s”, is accurate to %(accuracy)s m; "
                "take it with --accept-accuracy %(accepted)s."
            ),
            **_accuracy_values(best, file),
        )
    return Operation(_datum_change(best), _accuracy_m(best), best.definition)


def _accuracy_m(operation: Transformer) -> float | None:
    """Return the accuracy in meters, None where none is stated; a change of form alone is exact."""
    if not _datum_change(operation):
        return 0.0
    return float(operation.accuracy) if operation.accuracy >= 0 else None


def _second_best(
    usable: Sequence[Transformer], better: Sequence[Any], file: str, accepted_m: float | None
) -> Transformer:
    """Return what to take without the best grid: of what is accurate enough, that for the widest area.

    So all files of a delivery fit together, whichever region each of them lies in.
    """
    enough = [each for each in usable if 0 <= each.accuracy <= (accepted_m or -1.0)]
    if enough:
        return max(enough, key=_area_deg2)
    raise DataError(
        N_(
            "“%(file)s”: the best transformation needs the grid %(grid)s (Debian's package proj-data may "
            "have it); without it all of the file can be transformed by “%(operation)s”, accurate to "
            "%(accuracy)s m: take that with --accept-accuracy %(accepted)s."
        ),
        grid=_grids(better),
        **_accuracy_values(max(usable, key=_area_deg2), file),
    )


def _area_deg2(operation: Transformer) -> float:
    area: Any = operation.area_of_use
    if area is None:
        return np.inf
    width = area.east - area.west
    return float((width if width > 0 else width + 360) * (area.north - area.south))


def _accuracy_values(operation: Transformer, file: str) -> dict[str, object]:
    accuracy_m = float(operation.accuracy)
    values = {"operation": _datum_change(operation), "accuracy": accuracy_m, "accepted": f"{accuracy_m:g}"}
    return {"file": file, **values}


def horizontal(crs: CRS) -> CRS:
    """Return a reference system without its heights."""
    return crs.sub_crs_list[0] if crs.is_compound else crs.to_2d()


def lon_lat(crs: CRS, xy: npt.ArrayLike) -> Floats:
    """Return longitude and latitude of points (n, 2), to some hundred meters, infinite where there are none.

    To ask where on Earth something lies, never to keep it: see `transformation`.
    """
    to_degrees = Transformer.from_crs(horizontal(crs), "OGC:CRS84", always_xy=True)
    return np.column_stack(to_degrees.transform(*np.asarray(xy, dtype=float).T))


def lon_lat_box(crs: CRS, bounds: Extent) -> Bounds:
    """Return bounds as (west, south, east, north) in degrees, as `lon_lat` finds them."""
    lon, lat = lon_lat(crs, sampled_points(bounds)).T
    return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())


def sampled_points(bounds: Extent, n: int = 9) -> Floats:
    """Return a grid of points over bounds, sides and middle included, (n * n, 2)."""
    left, bottom, right, top = bounds
    x, y = np.meshgrid(np.linspace(left, right, n), np.linspace(bottom, top, n))
    return np.column_stack([x.ravel(), y.ravel()])


def _group(source: CRS, target: CRS, box: Bounds) -> TransformerGroup:
    area = AreaOfInterest(*box) if np.isfinite(box).all() else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a missing grid is reported below
        return TransformerGroup(source, target, always_xy=True, allow_ballpark=False, area_of_interest=area)


def _covers(area: Any, box: Bounds) -> bool:
    if area is None or not np.isfinite(box).all():
        return True
    west, south, east, north = box
    # An area across the date line has its east below its west.
    is_within = (area.west <= west and east <= area.east) or area.west > area.east
    return bool(is_within and area.south <= south and north <= area.north)


def _datum_change(best: Transformer) -> str:
    """Return the names of the steps that change the datum, and the grids that they take."""
    if not _changes_datum(best.definition):
        return ""
    steps = [step for step in best.operations or () if step.type_name == "Transformation"]
    names = " + ".join(step.name for step in steps) or str(best.description)
    grids = re.findall(r"grids=(\S+)", best.definition)
    return f"{names} [{', '.join(grids)}]" if grids else names


def _changes_datum(pipeline: str) -> bool:
    steps = set(re.findall(r"\bproj=(\w+)", pipeline)) - _FORMS
    return (
        bool(steps & {"helmert", "molodensky", "molobadekas", "geogoffset", "affine"}) or "grids=" in pipeline
    )


def _none_known(source: CRS, target: CRS, missing: Sequence[Any], file: str) -> DataError:
    if missing:
        return DataError(
            N_(
                "“%(file)s” cannot be transformed from %(source)s to %(target)s without the grid %(grid)s "
                "(Debian's package proj-data may have it)."
            ),
            file=file,
            source=source.name,
            target=target.name,
            grid=_grids(missing),
        )
    if not is_datum_known(source):
        return DataError(
            N_(
                "“%(file)s” does not state the datum of its coordinate reference system "
                "(%(name)s); give the system with --crs, for example --crs %(example)s."
            ),
            file=file,
            name=source.name,
            example=_example(source),
        )
    return DataError(
        N_("“%(file)s”: no transformation from %(source)s to %(target)s holds for all of its extent."),
        file=file,
        source=source.name,
        target=target.name,
    )


def is_datum_known(crs: CRS) -> bool:
    """Return whether a reference system places its coordinates on Earth, by a datum that PROJ knows."""
    geodetic = horizontal(crs).geodetic_crs
    if geodetic is None:
        return False
    if crs.is_bound:
        return True
    return bool(_group(geodetic, CRS.from_epsg(4326), (np.inf,) * 4).transformers)


def _grids(operations: Sequence[Any]) -> str:
    return ", ".join(
        sorted({grid.short_name for each in operations for grid in each.grids if not grid.available})
    )


def _example(crs: CRS) -> str:
    """Return the German system that has the same form, as a suggestion."""
    easting = next((p.value for p in _parameters(crs) if p.code == "8806"), 0.0)
    zone = int(easting // 1_000_000)
    if crs.ellipsoid is not None and "bessel" in crs.ellipsoid.name.lower() and 2 <= zone <= 5:
        return f"EPSG:{31464 + zone}"
    return ":".join(crs.to_authority(min_confidence=70) or ("EPSG", "25832"))


def _parameters(crs: CRS) -> Iterable[Any]:
    return crs.coordinate_operation.params if crs.coordinate_operation else ()


# Lengths in a map projection may differ from those on the ground by this share before it is left.
MOST_DISTORTION = 0.01

# Datums for which there are zones with a code.
_GLOBAL = ("World Geodetic System 1984", "European Terrestrial Reference System 1989")


def metric_crs(crs: CRS, bounds: Extent, file: str) -> CRS | None:
    """Return the CRS to measure in, None for the file's own.

    UTM in the zone of the extent's middle: on ETRS89 where that is made for (EPSG:25828 to 25838), on WGS 84,
    or on a datum of its own, so that measuring never takes a change of datum.

    Parameters
    ----------
    crs : CRS
        With a datum.
    bounds : sequence of float
        (minx, miny, maxx, maxy) of all plots, in `crs`.
    file : str
        Named in the sentence.

    Raises
    ------
    DataError
        When the plots lie so far apart that no zone is true to length at all of them.
    """
    places = lon_lat(crs, sampled_points(bounds))
    if _is_in_metres(crs) and _is_true_to_length(crs, places):
        return None
    zone = _utm(horizontal(crs), *places[len(places) // 2])
    if not _is_true_to_length(zone, places):
        raise DataError(
            N_(
                "The plots of “%(file)s” lie too far apart to be measured in one map projection "
                "(%(west)s° to %(east)s° E, %(south)s° to %(north)s° N); split the file."
            ),
            file=file,
            **_extent_deg(places),
        )
    return zone


def _extent_deg(places: Floats) -> dict[str, float]:
    (west, south), (east, north) = places.min(axis=0).round(2), places.max(axis=0).round(2)
    return {"west": float(west), "south": float(south), "east": float(east), "north": float(north)}


def _utm(crs: CRS, lon: float, lat: float) -> CRS:
    """Return the zone of a place. Codes are put together, as a search finds variants with northing first."""
    zone = int((lon + 180) % 360 // 6) + 1
    geodetic = crs.source_crs.geodetic_crs if crs.is_bound and crs.source_crs else crs.geodetic_crs
    if geodetic is not None and not _is_global(geodetic) and _is_from_greenwich(geodetic):
        name = f"{geodetic.name} / UTM zone {zone}{'N' if lat >= 0 else 'S'}"
        made = ProjectedCRS(UTMConversion(str(zone), "N" if lat >= 0 else "S"), name, geodetic_crs=geodetic)
        return CRS.from_wkt(made.to_wkt())
    if 28 <= zone <= 38:
        european = CRS.from_epsg(25800 + zone)
        area = european.area_of_use
        if area and area.west <= lon <= area.east and area.south <= lat <= area.north:
            return european
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def _is_global(crs: CRS) -> bool:
    return crs.datum is not None and crs.datum.name.startswith(_GLOBAL)


def _is_from_greenwich(crs: CRS) -> bool:
    return crs.prime_meridian is None or crs.prime_meridian.longitude == 0


def _is_in_metres(crs: CRS) -> bool:
    return crs.is_projected and horizontal(crs).axis_info[0].unit_conversion_factor == 1.0


def _is_true_to_length(crs: CRS, places: Floats) -> bool:
    """Return whether lengths in the CRS are meters on the ground, which those of Web Mercator are not."""
    if not np.isfinite(places).all():
        return False
    factors = Proj(horizontal(crs)).get_factors(*places.T)
    scales = np.array([factors.meridional_scale, factors.parallel_scale])
    return bool((np.abs(scales - 1) <= MOST_DISTORTION).all())
