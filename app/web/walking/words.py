"""What ways are, in words."""

from __future__ import annotations

from flask_babel import gettext

from app.domain.kinds import Kerb, WalkwayAccess, WalkwayKind


def kind_names() -> dict[str, str]:
    """Return the name of each kind of way."""
    return {
        WalkwayKind.STREET: gettext("Street"),
        WalkwayKind.FOOTWAY: gettext("Footway"),
        WalkwayKind.PATH: gettext("Path"),
        WalkwayKind.STEPS: gettext("Steps"),
        WalkwayKind.CROSSING: gettext("Crossing"),
        WalkwayKind.GATE: gettext("Gate"),
        WalkwayKind.YARD: gettext("Yard"),
    }


def kerb_names() -> dict[str, str]:
    """Return the name of each height of a curb; empty is unknown."""
    return {
        "": gettext("unknown"),
        Kerb.FLUSH: gettext("flush"),
        Kerb.LOWERED: gettext("lowered"),
        Kerb.RAISED: gettext("raised"),
    }


def access_names() -> dict[str, str]:
    """Return who may walk a way, by access."""
    return {
        WalkwayAccess.PERMISSION: gettext("only with permission"),
        WalkwayAccess.PUBLIC: gettext("everybody"),
    }
