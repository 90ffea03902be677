"""What else answers GET below ``/api``: neighbors, days of change, walks; what each takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.api.features.parameters.table import PARAMETERS, Parameter, check_parameters
from app.domain.kinds import FacilityKind
from app.errors import N_


@dataclass(frozen=True)
class Other:
    """A route that stands elsewhere.

    Attributes
    ----------
    name, path : str
        Of the operation, and where it is below ``/api``.
    what : str
        What is found there, in English.
    parameters : tuple of Parameter
        All it takes.
    refusals : mapping
        Statuses besides 400 and 404 -> what they mean, in English.
    """

    name: str
    path: str
    what: str
    parameters: tuple[Parameter, ...] = ()
    refusals: Mapping[int, str] = field(default_factory=dict)

    def check(self) -> None:
        """Refuse a request with parameters that this route does not take.

        Raises
        ------
        InputError
            As `check_parameters`.
        """
        check_parameters(each.name for each in self.parameters)


_ON, _KNOWN, _PARK, _LANG = (PARAMETERS[name] for name in ("on", "known", "park", "lang"))
_STEP_FREE = Parameter(
    "step_free", N_("1 avoids steps and raised curbs."), {"type": "string", "enum": ["0", "1"]}
)
# Where a walk begins: something with a key, or degrees as far as EPSG:25832 can be computed with.
_DIGITS = r"(\.\d+)?"
PLACE: Mapping[str, Any] = {
    "type": "string",
    "format": "place",
    "pattern": rf"^((company|facility):[^\x00]+|-?[0-6]?\d{_DIGITS},-?[0-8]?\d{_DIGITS})$",
}
MOST_MINUTES = 60
MOST_STEPS = 6
_MINUTES: Mapping[str, Any] = {
    "type": "array",
    "items": {"type": "number", "minimum": 0, "exclusiveMinimum": True, "maximum": MOST_MINUTES},
    "minItems": 1,
    "maxItems": MOST_STEPS,
}
_KIND = {"type": "string", "enum": list(FacilityKind)}

NEIGHBORS_OF_COMPANY = Other(
    "neighbors_of_company",
    "/companies/<key>/neighbors",
    N_("A company's neighbors by relation, with the reason in words"),
    (_ON, _KNOWN, _LANG),
)
NEIGHBORS_OF_PLOT = Other(
    "neighbors_of_plot", "/plots/<key>/neighbors", N_("A plot's neighboring plots"), (_ON, _KNOWN, _LANG)
)
CHANGES = Other("changes", "/changes", N_("The days on which something changed"), (_KNOWN, _LANG))
REACH = Other(
    "reach",
    "/reach",
    N_("Who is within minutes of a place on foot"),
    (
        Parameter(
            "from",
            N_("The place: company:KEY, facility:KEY, or longitude and latitude separated by a comma."),
            PLACE,
            is_required=True,
        ),
        Parameter("minutes", N_("Up to six time spans."), _MINUTES),
        _STEP_FREE,
        _ON,
        _PARK,
        _LANG,
    ),
    {422: N_("A company with several places; the sentence names their keys")},
)
NEAREST = Other(
    "nearest",
    "/reach/nearest",
    N_("The nearest facility of a kind to each company"),
    (Parameter("to", N_("The kind."), _KIND, is_required=True), _STEP_FREE, _ON, _PARK, _LANG),
)

OTHERS = (NEIGHBORS_OF_COMPANY, NEIGHBORS_OF_PLOT, CHANGES, REACH, NEAREST)
