"""Where the companies of a list are: by plot, by degrees, or by an address that is known here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import shapely
from shapely import Point
from sqlalchemy import Connection

from app.db.companies.companies import companies_on
from app.db.land.parks import parks_on
from app.db.land.plots import plots_on
from app.db.versions import records
from app.domain.companies.folding import folded, folded_number, folded_street
from app.domain.crs import to_storage
from app.domain.kinds import LocationQuality
from app.errors import N_, DataError
from app.services.land.near_parks import FARTHEST_M, far_refusal

# Beside a park's outline by no more than that, a point still belongs to it.
_BESIDE_PARK_M = 100.0
_ON_PLOT_M = 1.0


@dataclass(frozen=True)
class ListedSite:
    """A place that a row names, as it is known here.

    `is_explicit` where the row gives plot or degrees, not only an address.
    """

    park: str
    plot: str | None
    point: Point
    location_quality: LocationQuality
    is_explicit: bool = False


class KnownSites:
    """The plots, parks and addresses of a day."""

    def __init__(self, connection: Connection, on: date) -> None:
        self.on = on
        plots, self._park_frame = plots_on(connection, on), parks_on(connection, on)
        self.plots = {row["key"]: row for row in records(plots)}
        self._called = {folded(key): key for key in self.plots}
        self._called |= {folded(row["label"]): key for key, row in self.plots.items() if row["label"]}
        self._outlines = list(plots.geometry)
        self._tree = shapely.STRtree(self._outlines)
        self._plot_keys = list(plots["key"])
        self.parks = dict(zip(self._park_frame["key"], self._park_frame.geometry, strict=True))
        self._streets: dict[str, set[str]] = defaultdict(set)
        self._read_addresses(connection)

    def _read_addresses(self, connection: Connection) -> None:
        """Gather what addresses are known: those of companies of all time, and the streets of plots."""
        found: dict[tuple[str, str], list[ListedSite]] = defaultdict(list)
        for row in records(companies_on(connection, None)):
            if row["street"] is None or row["park"] not in self.parks:
                continue
            street = folded_street(row["street"])
            self._streets[street].add(row["park"])
            if row["house_number"] and row["location_quality"] != LocationQuality.STREET:
                plot = row["plot"] if row["plot"] in self.plots else None
                site = ListedSite(row["park"], plot, row["geometry"], LocationQuality.ADDRESS)
                found[street, folded_number(row["house_number"])].append(site)
        for row in self.plots.values():
            if row["street"]:
                self._streets[folded_street(row["street"])].add(row["park"])
        self._addresses = {address: _one_site(sites) for address, sites in found.items()}

    def find(self, values: Mapping[str, Any]) -> ListedSite | None:
        """Return where a row says that its company is; None where it says nothing that is known here.

        Raises
        ------
        DataError
            When plot or degrees are none of the parks'.
        """
        if "plot" in values:
            return self._of_plot(values)
        if "lon" in values and "lat" in values:
            return self._of_point(values)
        if "street" not in values:
            return None
        street, number = folded_street(values["street"]), values.get("house_number")
        known = self._addresses.get((street, folded_number(number))) if number else None
        return known or self._of_street(street)

    def _of_plot(self, values: Mapping[str, Any]) -> ListedSite:
        key = self._called.get(folded(values["plot"]))
        if key is None:
            raise DataError(
                N_("There is no plot “%(key)s” on %(day)s."), key=values["plot"][:60], day=self.on
            )
        row = self.plots[key]
        point, quality = row["geometry"].representative_point(), LocationQuality.ADDRESS
        if "lon" in values and "lat" in values:
            point, quality = to_storage(Point(values["lon"], values["lat"])), LocationQuality.MAPPED
            if row["geometry"].distance(point) > _ON_PLOT_M:
                raise DataError(N_("The point lies outside the plot “%(key)s”."), key=key)
        return ListedSite(row["park"], key, point, quality, is_explicit=True)

    def _of_point(self, values: Mapping[str, Any]) -> ListedSite:
        point = to_storage(Point(values["lon"], values["lat"]))
        on = self._tree.query(point, predicate="within")
        if on.size:
            key = self._plot_keys[int(on[0])]
            return ListedSite(self.plots[key]["park"], key, point, LocationQuality.MAPPED, is_explicit=True)
        away = {key: outline.distance(point) for key, outline in self.parks.items()}
        park = min(away, key=lambda key: away[key])
        if not away[park] <= _BESIDE_PARK_M:
            if not away[park] <= FARTHEST_M:
                degrees = f"{values['lon']:.6g}, {values['lat']:.6g}"
                raise far_refusal(self._park_frame, point, degrees)
            raise DataError(N_("The point lies outside of all business parks."))
        return ListedSite(park, None, point, LocationQuality.ADDRESS, is_explicit=True)

    def _of_street(self, street: str) -> ListedSite | None:
        """Return a placeholder in the only park that has a street."""
        parks = self._streets.get(street, set())
        if len(parks) != 1:
            return None
        [park] = parks
        return ListedSite(park, None, self.parks[park].representative_point(), LocationQuality.STREET)


def _one_site(sites: Sequence[ListedSite]) -> ListedSite:
    """Return the site of an address; where several plots have it, which of them is meant is not known."""
    plots = {site.plot for site in sites} - {None}
    if len(plots) != 1:
        return replace(sites[0], plot=None)
    return next(site for site in sites if site.plot is not None)
