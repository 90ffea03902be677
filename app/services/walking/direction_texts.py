"""Directions as sentences: how to turn, onto what, how far."""

from __future__ import annotations

from app.analysis.walking.directions import Turn, TurnKind
from app.domain.kinds import WalkwayKind
from app.domain.localizer import Localizer
from app.errors import N_
from app.services.walking.leg_texts import window_text

_TURNS = {
    TurnKind.STRAIGHT: N_("straight on"),
    TurnKind.SLIGHT_LEFT: N_("slightly left"),
    TurnKind.LEFT: N_("left"),
    TurnKind.SHARP_LEFT: N_("sharp left"),
    TurnKind.SLIGHT_RIGHT: N_("slightly right"),
    TurnKind.RIGHT: N_("right"),
    TurnKind.SHARP_RIGHT: N_("sharp right"),
    TurnKind.BACK: N_("back"),
}
_HEADINGS = (
    N_("north"),
    N_("northeast"),
    N_("east"),
    N_("southeast"),
    N_("south"),
    N_("southwest"),
    N_("west"),
    N_("northwest"),
)
_ONTO = {
    WalkwayKind.STREET: N_("onto the street"),
    WalkwayKind.FOOTWAY: N_("onto the footway"),
    WalkwayKind.PATH: N_("onto the path"),
    WalkwayKind.STEPS: N_("over the steps"),
    WalkwayKind.CROSSING: N_("over the crossing"),
    WalkwayKind.GATE: N_("through the gate"),
    WalkwayKind.YARD: N_("across the yard"),
    None: N_("off the paths"),
}
_ONTO_NAMED = {
    WalkwayKind.STEPS: N_("over the steps “%(name)s”"),
    WalkwayKind.CROSSING: N_("over the crossing “%(name)s”"),
    WalkwayKind.GATE: N_("through the gate “%(name)s”"),
    WalkwayKind.YARD: N_("across the yard “%(name)s”"),
}
_ONTO_BESIDE = {
    WalkwayKind.FOOTWAY: N_("onto the footway along %(name)s"),
    WalkwayKind.PATH: N_("onto the path along %(name)s"),
}
_INTO = N_("into %(name)s")
_ALONG = N_("along %(name)s")
_DEPARTING = N_("to the %(heading)s %(onto)s, %(length)s")
_TURNING = N_("%(turn)s %(onto)s, %(length)s")
_STAYING = N_("%(turn)s, %(length)s")
_OPEN = N_("%(direction)s (open only %(hours)s)")
_ARRIVED = N_("arrived")
_ARRIVED_AT = N_("arrived: %(place)s")


def direction_sentence(turn: Turn, localizer: Localizer, place: str | None = None) -> str:
    """Return a direction in words, such as “left into Klauskamp, 120 m”.

    Parameters
    ----------
    turn : Turn
    localizer : Localizer
    place : str, optional
        Where the walk goes, for the sentence on arrival.
    """
    if turn.kind == TurnKind.ARRIVE:
        return (
            localizer.translate(_ARRIVED) if place is None else localizer.translate(_ARRIVED_AT, place=place)
        )
    length = localizer.metres(turn.length_m)
    if turn.kind == TurnKind.DEPART:
        heading = localizer.translate(_HEADINGS[turn.octant])
        said = localizer.translate(_DEPARTING, heading=heading, onto=_onto(turn, localizer), length=length)
    elif turn.is_same and turn.name is None and turn.beside is None:
        said = localizer.translate(_STAYING, turn=localizer.translate(_TURNS[turn.kind]), length=length)
    else:
        said = localizer.translate(
            _TURNING, turn=localizer.translate(_TURNS[turn.kind]), onto=_onto(turn, localizer), length=length
        )
    if turn.window is None:
        return said
    return localizer.translate(_OPEN, direction=said, hours=window_text(turn.window, localizer))


def _onto(turn: Turn, localizer: Localizer) -> str:
    if turn.name is None:
        beside = None if turn.beside is None or turn.edge_kind is None else _ONTO_BESIDE.get(turn.edge_kind)
        return (
            localizer.translate(_ONTO[turn.edge_kind])
            if beside is None
            else localizer.translate(beside, name=turn.beside)
        )
    named = None if turn.edge_kind is None else _ONTO_NAMED.get(turn.edge_kind)
    if named is None:
        named = _ALONG if turn.is_same or turn.kind == TurnKind.DEPART else _INTO
    return localizer.translate(named, name=turn.name)
