"""Put small worlds into the tables, past every importer."""

from __future__ import annotations

from datetime import UTC, date, datetime

import shapely
from shapely import Geometry
from sqlalchemy import Connection, insert, select
from sqlalchemy.dialects.postgresql import Range

from app.db.models import Company, CompanyVersion, Occupancy, Park, ParkVersion, Plot, PlotVersion
from app.domain.crs import STORAGE_SRID
from tests.scenes import rectangle

# Before every tour.
EVER = datetime(2000, 1, 1, tzinfo=UTC)


def ewkb(geometry: Geometry) -> str:
    """Return a geometry in the form the tables take."""
    return shapely.to_wkb(shapely.set_srid(geometry, STORAGE_SRID), hex=True, include_srid=True)


def days(starts: str | None = None, ends: str | None = None) -> Range[date]:
    """Return a half-open period of days given as text."""
    return Range(*(date.fromisoformat(day) if day else None for day in (starts, ends)), bounds="[)")


def store_park(connection: Connection, key: str = "park") -> int:
    """Store a park of a square kilometre; return its id."""
    outline = ewkb(rectangle(-500, -500, 500, 500))
    park_id: int = connection.execute(insert(Park).values(key=key).returning(Park.park_id)).scalar_one()
    version = {"park_id": park_id, "name": key.title(), "geometry": outline, "valid": days()}
    connection.execute(insert(ParkVersion).values(version))
    return park_id


def store_plot(
    connection: Connection, park_id: int, key: str, boundary: Geometry, valid: Range[date] | None = None
) -> int:
    """Store a plot's version, and the plot where it is new; return the version's id."""
    known = connection.execute(select(Plot.plot_id).where(Plot.key == key)).scalar_one_or_none()
    plot_id = (
        known
        or connection.execute(
            insert(Plot).values(park_id=park_id, key=key).returning(Plot.plot_id)
        ).scalar_one()
    )
    values = {"use_status": "unknown", "quality": "schematic", "valid": valid or days()}
    version = insert(PlotVersion).values(plot_id=plot_id, geometry=ewkb(boundary), **values)
    return connection.execute(version.returning(PlotVersion.plot_version_id)).scalar_one()


def store_company(
    connection: Connection, park_id: int, key: str, plot: str | None, street: str | None = None
) -> None:
    """Store a company of that key and name on a plot, in a street, or somewhere in the park."""
    company = insert(Company).values(key=key).returning(Company.company_id)
    company_id = connection.execute(company).scalar_one()
    named = {"company_id": company_id, "name": key, "starts_precision": "unknown", "valid": days()}
    connection.execute(insert(CompanyVersion).values(named))
    plot_id = connection.execute(select(Plot.plot_id).where(Plot.key == plot)).scalar_one() if plot else None
    place = {
        "key": f"{key}-place",
        "company_id": company_id,
        "park_id": park_id,
        "plot_id": plot_id,
        "street": street,
        "geometry": ewkb(rectangle(0, 0, 10, 10).centroid),
        "location_quality": "mapped" if plot else "street",
        "starts_precision": "unknown",
        "valid": days(),
    }
    connection.execute(insert(Occupancy).values(place))
