"""What the collections are called and hold, in English; readers get it translated."""

from __future__ import annotations

from collections.abc import Mapping

from app.errors import N_

# Collection -> its name, and what one of its features is; the usual ones first.
COLLECTIONS: Mapping[str, tuple[str, str]] = {
    "plots": (N_("Plots"), N_("Boundary, use and area of every plot. The boundaries are schematic.")),
    "companies": (
        N_("Companies"),
        N_("Every company at every place it uses, with its sector and how sure the location is."),
    ),
    "facilities": (
        N_("Facilities"),
        N_("Truck parking with capacity and amenities, bus stops, fuel stations."),
    ),
    "walkways": (N_("Walk network"), N_("Streets, footways, paths and steps with their lengths.")),
    "adjacency": (
        N_("Neighbor pairs"),
        N_(
            "Which plots are neighbors, of what kind, with lengths and the common border. Common border:"
            " within 0.1 m over at least 0.5 m; across the street: at most 30 m apart, facing over at least"
            " 10 m."
        ),
    ),
    "company-neighbors": (
        N_("Neighboring companies"),
        N_("Which companies are neighbors, of what kind, through which plots, with lengths."),
    ),
    "tours": (N_("Tours"), N_("The walk of every tour with stops, metres and minutes in all.")),
    "tour-stops": (N_("Tour stops"), N_("The places of the tours with arrival and departure.")),
    "tour-legs": (N_("Tour legs"), N_("The walks between the stops, on and off the walk network.")),
    "parks": (N_("Business parks"), N_("Outline and area of the business parks.")),
    "footprints": (N_("Buildings and car parks"), N_("Simplified outlines for drawing; not complete.")),
}
