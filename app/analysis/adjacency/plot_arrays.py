"""Boundaries of plots as flat arrays, as the compiled kernels and Arrow files hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely

from app.analysis.adjacency.kernels.arrays import Floats, Geometries, Ints, Positions


@dataclass(frozen=True)
class PlotArrays:
    """Polygons and multipolygons of n plots without an object a plot; laid out as GeoArrow does.

    Parameters
    ----------
    xy : array of float64, (n_points, 2)
        Coordinates in a projected CRS in metres, ring after ring. A ring may repeat its first point at its
        end or not, and run either way round.
    ring_offset : array of int64, (n_rings + 1,)
        Where each ring starts in `xy`.
    part_offset : array of int64, (n_parts + 1,)
        Where each polygon starts among the rings; its first ring is the shell, the others are holes.
    plot_offset : array of int64, (n_plots + 1,)
        Where each plot starts among the polygons.

    Examples
    --------
    >>> import numpy as np
    >>> from shapely import box
    >>> plots = PlotArrays.from_geometries(np.array([box(0, 0, 9, 9), box(9, 0, 20, 9)]))
    >>> len(plots), plots.xy.shape, plots.ring_offset
    (2, (10, 2), array([ 0,  5, 10]))
    >>> plots.geometries(np.array([1]))
    array([<MULTIPOLYGON (((20 0, 20 9, 9 9, 9 0, 20 0)))>], dtype=object)
    """

    xy: Floats
    ring_offset: Ints
    part_offset: Ints
    plot_offset: Ints

    def __len__(self) -> int:
        return len(self.plot_offset) - 1

    @classmethod
    def from_geometries(cls, geometries: Geometries) -> Self:
        """Return the arrays of polygons and multipolygons; a third dimension is left out."""
        n_parts = shapely.get_num_geometries(geometries).astype(np.int64)
        is_several = shapely.get_type_id(geometries) == shapely.GeometryType.MULTIPOLYGON
        parts = shapely.get_parts(geometries) if is_several.any() else geometries
        n_rings = shapely.get_num_interior_rings(parts).astype(np.int64) + 1
        n_points = shapely.get_num_coordinates(parts).astype(np.int64)
        if (n_rings > 1).any():
            # Only parts with holes are copied ring by ring to count their points.
            is_holed = np.repeat(n_rings > 1, n_rings)
            n_part_points, n_points = n_points, np.empty(len(is_holed), np.int64)
            n_points[~is_holed] = n_part_points[n_rings == 1]
            n_points[is_holed] = shapely.get_num_coordinates(shapely.get_rings(parts[n_rings > 1]))
        xy = shapely.get_coordinates(parts)
        return cls(xy, *(_offsets(counts) for counts in (n_points, n_rings, n_parts)))

    def geometries(self, positions: Positions, shift_m: Floats | None = None) -> Geometries:
        """Return some plots as multipolygons; the rings must be closed.

        `shift_m` is added to their coordinates: one (x, y) for all, or one for each of them.
        """
        rows = self._taken(positions.astype(np.int64))
        xy = rows.xy
        if shift_m is not None:
            n_points = np.diff(rows.ring_offset[rows.part_offset[rows.plot_offset]])
            xy = xy + np.repeat(np.broadcast_to(shift_m, (len(rows), 2)), n_points, axis=0)
        offsets = (rows.ring_offset, rows.part_offset, rows.plot_offset)
        return np.asarray(shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, xy, offsets))

    def _taken(self, positions: Ints) -> Self:
        part, plot_offset = _ranges(self.plot_offset, positions)
        ring, part_offset = _ranges(self.part_offset, part)
        point, ring_offset = _ranges(self.ring_offset, ring)
        return type(self)(self.xy[point], ring_offset, part_offset, plot_offset)


def _offsets(counts: Ints) -> Ints:
    """Return where each of some ranges starts that lie one after the other, and where the last one ends."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _ranges(offset: Ints, rows: Ints) -> tuple[Ints, Ints]:
    """Return the members of `rows` one after the other, and the offsets of the rows among them."""
    counts = offset[rows + 1] - offset[rows]
    new = _offsets(counts)
    return np.repeat(offset[rows] - new[:-1], counts) + np.arange(new[-1]), new
