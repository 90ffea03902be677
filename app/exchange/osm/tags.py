"""What tags of OpenStreetMap mean for who walks; as its wiki has them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.kinds import WalkwayAccess, WalkwayKind
from app.domain.opening_hours import check_hours, is_always
from app.errors import InputError

Tags = Mapping[str, str]

_KINDS = {
    "steps": WalkwayKind.STEPS,
    **dict.fromkeys(("footway", "pedestrian", "platform"), WalkwayKind.FOOTWAY),
    **dict.fromkeys(("path", "track", "bridleway", "cycleway"), WalkwayKind.PATH),
}
_NOT_WALKED = frozenset(
    (
        *("motorway", "motorway_link", "construction", "proposed", "planned", "razed", "abandoned"),
        *("disused", "demolished", "dismantled", "no", "raceway", "busway", "bus_guideway", "via_ferrata"),
        *("elevator", "corridor", "rest_area", "services", "bus_stop", "escape", "emergency_bay"),
    )
)
# Walked although they are no road; closed ones are areas.
_OTHER_WALKED = (("railway", "platform"), ("public_transport", "platform"), ("man_made", "pier"))
_WALKED = frozenset({"yes", "designated", "permissive", "official", "public"})
_RESTRICTED = frozenset(
    {"private", "no", "permit", "military", "emergency", "employees", "delivery", "restricted"}
)
_CLOSED_BARRIERS = frozenset({"fence", "wall", "city_wall", "retaining_wall", "hedge", "ditch"})
# Access given with these is that of a shop, a crossing or a stop beside the way, not of the way.
_NO_PART_OF_WAY = frozenset(
    (
        *("amenity", "shop", "office", "leisure", "tourism", "craft", "highway", "railway"),
        *("public_transport", "power", "emergency", "man_made", "natural"),
    )
)
_CONDITIONAL = re.compile(r"\s*([a-z_]+)\s*@\s*(\([^()]*\)|[^;()]+)\s*(?:;|$)")


@dataclass(frozen=True)
class Rule:
    """Who may pass, and when everybody may who otherwise needs permission.

    `is_unread`: opening hours were given that are not understood; then nobody is promised that it is open.
    """

    access: WalkwayAccess
    opening_hours: str | None = None
    is_unread: bool = False
    is_closed: bool = False

    @property
    def is_free(self) -> bool:
        """Whether everybody passes at any time."""
        return self.access == WalkwayAccess.PUBLIC and not self.is_closed


_FREE = Rule(WalkwayAccess.PUBLIC)


def is_walked(tags: Tags) -> bool:
    """Return whether a way, or the outline of an area, is for walking."""
    if tags.get("foot") in {"no", "use_sidepath"} or tags.get("motorroad") == "yes":
        return False
    highway = tags.get("highway")
    if highway is not None:
        return highway not in _NOT_WALKED
    return any(tags.get(key) == value for key, value in _OTHER_WALKED)


def is_area(tags: Tags) -> bool:
    """Return whether a closed way of these tags is a square to be crossed rather than a line to go round."""
    by_nature = tags.get("highway", "platform") == "platform"
    return tags.get("area", "yes" if by_nature else "no") == "yes"


def kind_of(tags: Tags) -> WalkwayKind:
    """Return what a walked way is."""
    if tags.get("footway") == "crossing" or tags.get("path") == "crossing":
        return WalkwayKind.CROSSING
    return _KINDS.get(tags.get("highway", "platform"), WalkwayKind.STREET)


def way_rule(tags: Tags) -> Rule:
    """Return who may walk a way: what holds for walkers goes before what holds for everybody."""
    foot = tags.get("foot")
    is_restricted = _is_restricted(foot if foot is not None else tags.get("access"))
    conditions = tags.get("foot:conditional", tags.get("access:conditional") if foot is None else None)
    by_condition = None if conditions is None else _conditional_rule(conditions, is_restricted=is_restricted)
    if by_condition is not None:
        return by_condition
    if is_restricted:
        return Rule(WalkwayAccess.PERMISSION)
    hours = tags.get("opening_hours")
    return _FREE if hours is None else _hours_rule(hours)


def node_rule(tags: Tags) -> Rule:
    """Return who may pass a node of a way: a gate, a fence across it, a place where it becomes private."""
    barrier, foot = tags.get("barrier"), tags.get("foot")
    if barrier is None and not _NO_PART_OF_WAY.isdisjoint(tags):
        return _FREE
    is_welcome = foot in _WALKED or (foot is None and tags.get("access") in _WALKED)
    if foot == "no" or (barrier in _CLOSED_BARRIERS and not is_welcome):
        return Rule(WalkwayAccess.PERMISSION, is_closed=True)
    rule = way_rule(tags)
    if rule.is_free and tags.get("locked") == "yes" and foot not in _WALKED:
        return Rule(WalkwayAccess.PERMISSION)
    return rule


def _is_restricted(value: str | None) -> bool:
    """Return whether a value of `access` or `foot` keeps out who has no permission; of several, all must."""
    return value is not None and all(each.strip() in _RESTRICTED for each in value.split(";"))


def _hours_rule(hours: str) -> Rule:
    checked = _checked(hours)
    if checked is None:
        return Rule(WalkwayAccess.PERMISSION, is_unread=True)
    return _FREE if is_always(checked) else Rule(WalkwayAccess.PERMISSION, checked)


def _conditional_rule(conditions: str, *, is_restricted: bool) -> Rule | None:
    """Return what a conditional tag makes of a way; None where none of its conditions is about hours.

    What is restricted is opened by ``yes @ (…)``, what is open is closed by ``no @ (…)``.
    """
    found = [
        (value, _checked(condition.strip("()"))) for value, condition in _CONDITIONAL.findall(conditions)
    ]
    turned = [hours for value, hours in found if (value in _RESTRICTED) != is_restricted]
    hours = [each for each in turned if each is not None]
    if not hours:
        # A condition that is not understood opens nothing, and closes nothing for good.
        access = WalkwayAccess.PERMISSION if is_restricted else WalkwayAccess.PUBLIC
        return Rule(access, is_unread=True) if turned or not found else None
    is_unread = len(hours) < len(turned)
    if is_restricted:
        return Rule(WalkwayAccess.PERMISSION, "; ".join(hours), is_unread)
    closed = [f"{rule.strip()} off" for each in hours for rule in each.split(";")]
    return Rule(WalkwayAccess.PERMISSION, "; ".join(["24/7", *closed]), is_unread)


def _checked(hours: str) -> str | None:
    try:
        return check_hours(hours)
    except InputError:
        return None
