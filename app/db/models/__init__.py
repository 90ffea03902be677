"""The tables. `Base.metadata` is the schema; the migrations must give exactly it."""

from app.db.models.base import Base
from app.db.models.companies import Company, CompanyVersion, Occupancy, Succession
from app.db.models.land import (
    Facility,
    Footprint,
    Lineage,
    Park,
    ParkVersion,
    Plot,
    PlotMarketing,
    PlotVersion,
    Source,
)
from app.db.models.lists import CompanyList, ListColumns
from app.db.models.meetings import Meeting, Participation
from app.db.models.neighbors import Adjacency, AdjacencyOverride
from app.db.models.people import (
    ApiToken,
    Organization,
    PasswordLink,
    SecondFactor,
    SignInFailure,
    Staff,
    StaffSession,
)
from app.db.models.record import AuditEntry, ChangeSet, DataChange, DataVersion
from app.db.models.walking import Tour, TourLeg, TourShare, TourStop, Walkway, WalkwayPermission

__all__ = [
    "Adjacency",
    "AdjacencyOverride",
    "ApiToken",
    "AuditEntry",
    "Base",
    "ChangeSet",
    "Company",
    "CompanyList",
    "CompanyVersion",
    "DataChange",
    "DataVersion",
    "Facility",
    "Footprint",
    "Lineage",
    "ListColumns",
    "Meeting",
    "Occupancy",
    "Organization",
    "Park",
    "ParkVersion",
    "Participation",
    "PasswordLink",
    "Plot",
    "PlotMarketing",
    "PlotVersion",
    "SecondFactor",
    "SignInFailure",
    "Source",
    "Staff",
    "StaffSession",
    "Succession",
    "Tour",
    "TourLeg",
    "TourShare",
    "TourStop",
    "Walkway",
    "WalkwayPermission",
]
