"""What else answers GET below ``/api``: neighbors, days of change, walks; here only described."""

from __future__ import annotations

from dataclasses import dataclass

from app.api.features.parameters import PARAMETERS, Parameter
from app.domain.kinds import FacilityKind
from app.errors import N_


@dataclass(frozen=True)
class Other:
    """A route that stands elsewhere: its name, its path below ``/api``, what it gives, what it takes."""

    name: str
    path: str
    what: str
    parameters: tuple[Parameter, ...] = ()


_ON, _PARK = (PARAMETERS[name] for name in ("on", "park"))
_STEP_FREE = Parameter("step_free", N_("1 walks without steps and raised kerbs."), {"type": "string"})
_DEGREES = {"type": "number", "format": "double"}

OTHERS = (
    Other(
        "neighbors_of_company",
        "/companies/<key>/neighbors",
        N_("A company's neighbors by relation, with the reason in words"),
        (_ON,),
    ),
    Other("neighbors_of_plot", "/plots/<key>/neighbors", N_("A plot's neighboring plots"), (_ON,)),
    Other("changes", "/changes", N_("The days on which something changed")),
    Other(
        "reach",
        "/reach",
        N_("Who is within minutes of a place on foot"),
        (
            Parameter("lon", N_("Longitude of the start; or name a company or facility."), _DEGREES),
            Parameter("lat", N_("Latitude of the start."), _DEGREES),
            Parameter("company", N_("Key of the company that is the start."), {"type": "string"}),
            Parameter("facility", N_("Key of the facility that is the start."), {"type": "string"}),
            Parameter(
                "minutes",
                N_("Up to six spans of time."),
                {
                    "type": "array",
                    "items": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": 60},
                    "minItems": 1,
                    "maxItems": 6,
                },
            ),
            _STEP_FREE,
            _ON,
            _PARK,
        ),
    ),
    Other(
        "nearest",
        "/reach/nearest",
        N_("The facility of a kind that is nearest to each company"),
        (
            Parameter(
                "to", N_("The kind."), {"type": "string", "enum": list(FacilityKind)}, is_required=True
            ),
            _STEP_FREE,
            _ON,
            _PARK,
        ),
    ),
)
