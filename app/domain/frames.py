"""The columns of every frame that rooms exchange, written once.

A *contract* names a frame's columns in order with their kind. Frames are
GeoDataFrames in EPSG:25832 with the geometry column ``geometry``; text that is unknown
is ``None``, days are `datetime.date` or ``None``. A row is one thing during one period
(`valid_from` up to, not including, `valid_to`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import geopandas as gpd
import pandas as pd

from app.domain.crs import STORAGE_CRS
from app.errors import N_, NotFoundError

TEXT, DAY, INTEGER, NUMBER, FLAG = "text", "day", "integer", "number", "flag"

_DAYS = {"valid_from": DAY, "valid_to": DAY}
_LIFE = {**_DAYS, "source": TEXT}


@dataclass(frozen=True)
class Contract:
    """What a frame holds: its collection's name, key columns, columns and geometry types.

    `key` is the column (or columns) that name a row among those of one day.
    """

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, str]
    geometry_types: tuple[str, ...]


def _contract(
    name: str, columns: dict[str, str], *geometry_types: str, key: tuple[str, ...] = ("key",)
) -> Contract:
    return Contract(name, key, MappingProxyType(columns), geometry_types)


_AREAL = ("Polygon", "MultiPolygon")

PARKS = _contract("parks", {"key": TEXT, "name": TEXT, "area_m2": NUMBER, **_LIFE}, *_AREAL)

PLOTS = _contract(
    "plots",
    {
        "key": TEXT,
        "park": TEXT,
        "label": TEXT,
        "street": TEXT,
        "use_status": TEXT,
        "parcel_number": TEXT,
        "official_area_m2": NUMBER,
        "area_m2": NUMBER,
        "quality": TEXT,
        "occupants": TEXT,
        "marketing_status": TEXT,
        "marketing_from": DAY,
        "marketing_precision": TEXT,
        "marketing_note": TEXT,
        "starts_precision": TEXT,
        **_LIFE,
    },
    *_AREAL,
)

# A company at a place: one row an occupancy. `key` names the occupancy, `company` the firm.
COMPANIES = _contract(
    "companies",
    {
        "key": TEXT,
        "company": TEXT,
        "name": TEXT,
        "group_name": TEXT,
        "sector": TEXT,
        "sector_group": TEXT,
        "wz_code": TEXT,
        "wz_edition": TEXT,
        "wz_basis": TEXT,
        "park": TEXT,
        "plot": TEXT,
        "street": TEXT,
        "house_number": TEXT,
        "location_quality": TEXT,
        "starts_precision": TEXT,
        "as_of": TEXT,
        "note": TEXT,
        "website": TEXT,
        **_LIFE,
    },
    "Point",
)

FACILITIES = _contract(
    "facilities",
    {
        "key": TEXT,
        "park": TEXT,
        "kind": TEXT,
        "name": TEXT,
        "plot": TEXT,
        "capacity": INTEGER,
        "capacity_reserve": INTEGER,
        "amenities": TEXT,
        "fee": TEXT,
        "security_level": TEXT,
        "url": TEXT,
        "location_quality": TEXT,
        **_LIFE,
    },
    "Point",
    *_AREAL,
)

WALKWAYS = _contract(
    "walkways",
    {
        "key": TEXT,
        "kind": TEXT,
        "name": TEXT,
        "surface": TEXT,
        "kerb": TEXT,
        "access": TEXT,
        "opening_hours": TEXT,
        "length_m": NUMBER,
        **_LIFE,
    },
    "LineString",
)

FOOTPRINTS = _contract("footprints", {"key": TEXT, "kind": TEXT, "name": TEXT, **_LIFE}, *_AREAL)

# `geometry` is the evidence: the common border, or the shortest connecting segment.
ADJACENCY = _contract(
    "adjacency",
    {
        "focal": TEXT,
        "neighbor": TEXT,
        "relation": TEXT,
        "shared_m": NUMBER,
        "gap_m": NUMBER,
        "facing_m": NUMBER,
        "overlap_m2": NUMBER,
        "focal_park": TEXT,
        "neighbor_park": TEXT,
        "is_override": FLAG,
        "reason": TEXT,
        "engine": TEXT,
        **_DAYS,
    },
    "Point",
    "LineString",
    "MultiLineString",
    "GeometryCollection",
    key=("focal", "neighbor"),
)

# Two companies, the one whose key comes first as `focal`; `geometry` is the evidence of their longest pair.
COMPANY_NEIGHBORS = _contract(
    "company-neighbors",
    {
        "focal": TEXT,
        "focal_name": TEXT,
        "focal_group": TEXT,
        "neighbor": TEXT,
        "neighbor_name": TEXT,
        "neighbor_group": TEXT,
        "relation": TEXT,
        "shared_m": NUMBER,
        "gap_m": NUMBER,
        "facing_m": NUMBER,
        "overlap_m2": NUMBER,
        "direction": TEXT,
        "focal_plots": TEXT,
        "neighbor_plots": TEXT,
        "focal_park": TEXT,
        "neighbor_park": TEXT,
        "is_override": FLAG,
        "reason": TEXT,
        **_DAYS,
    },
    *ADJACENCY.geometry_types,
    key=("focal", "neighbor"),
)

# One row a tour; `geometry` is the whole walk, its legs in order.
TOURS = _contract(
    "tours",
    {
        "key": TEXT,
        "park": TEXT,
        "title": TEXT,
        "toured_on": DAY,
        "starts_at": TEXT,
        "ends_at": TEXT,
        "time_basis": TEXT,
        "n_stops": INTEGER,
        "length_m": NUMBER,
        "off_network_m": NUMBER,
        "walk_min": NUMBER,
        "dwell_min": NUMBER,
        "wait_min": NUMBER,
        "pause_min": NUMBER,
        "total_min": NUMBER,
        "note": TEXT,
        "source": TEXT,
    },
    "MultiLineString",
)

# Position 0 is where people meet, which is no visit. Clock times count on from midnight of the tour's day.
TOUR_STOPS = _contract(
    "tour-stops",
    {
        "tour": TEXT,
        "position": INTEGER,
        "name": TEXT,
        "company": TEXT,
        "facility": TEXT,
        "location_quality": TEXT,
        "dwell_min": NUMBER,
        "wait_min": NUMBER,
        "pause_min": NUMBER,
        "arrives_min": NUMBER,
        "departs_min": NUMBER,
        "arrives_at": TEXT,
        "departs_at": TEXT,
        "note": TEXT,
    },
    "Point",
    key=("tour", "position"),
)

# A leg is walked in parts, straight beside the network or along it, numbered from 1.
TOUR_LEGS = _contract(
    "tour-legs",
    {
        "tour": TEXT,
        "position": INTEGER,
        "part": INTEGER,
        "is_on_network": FLAG,
        "length_m": NUMBER,
        "walk_min": NUMBER,
    },
    "LineString",
    key=("tour", "position", "part"),
)

CONTRACTS: dict[str, Contract] = {
    contract.name: contract
    for contract in (
        PARKS,
        PLOTS,
        COMPANIES,
        FACILITIES,
        WALKWAYS,
        FOOTPRINTS,
        ADJACENCY,
        COMPANY_NEIGHBORS,
        TOURS,
        TOUR_STOPS,
        TOUR_LEGS,
    )
}


def find_contract(collection: str) -> Contract:
    """Return the contract of a collection.

    Raises
    ------
    NotFoundError
        When there is none of this name, naming those there are.
    """
    if collection not in CONTRACTS:
        raise NotFoundError(
            N_("There is no collection “%(name)s”; available: %(known)s."),
            name=collection[:60],
            known=", ".join(CONTRACTS),
        )
    return CONTRACTS[collection]


def empty_frame(contract: Contract) -> gpd.GeoDataFrame:
    """Return a frame with the columns of `contract` and no rows."""
    columns = {name: pd.Series(dtype=object) for name in contract.columns}
    return gpd.GeoDataFrame(columns, geometry=gpd.GeoSeries([], crs=STORAGE_CRS), crs=STORAGE_CRS)
