"""Sentences about detours and missing access permissions."""

from __future__ import annotations

from app.analysis.walking.detours import Detour, DetourKind, MissingPermission
from app.domain.clocks import Window
from app.domain.kinds import WalkwayKind
from app.domain.localizer import Voice
from app.errors import N_

_HOUR_S = 3600
_DAY_S = 24 * _HOUR_S

_NO_WAY = N_("Not reachable on ways, the nearest is %(extra)s away: neither metres nor minutes are told")
# By what is avoided, and by whether it has a name.
_AVOIDED = {
    DetourKind.STEPS: (
        N_("Steps avoided, %(extra)s longer"),
        N_("Steps “%(name)s” avoided, %(extra)s longer"),
    ),
    DetourKind.KERB: (
        N_("Raised kerb avoided, %(extra)s longer"),
        N_("Raised kerb on %(name)s avoided, %(extra)s longer"),
    ),
    DetourKind.UNREACHABLE: (_NO_WAY, _NO_WAY),
    DetourKind.BESIDE_STEPS: (
        N_("Paths lead over steps only, hence %(extra)s more beside them"),
        N_("Paths lead over the steps “%(name)s” only, hence %(extra)s more beside them"),
    ),
    DetourKind.BESIDE_KERB: (
        N_("Paths lead over a raised kerb only, hence %(extra)s more beside them"),
        N_("Paths lead over a raised kerb on %(name)s only, hence %(extra)s more beside them"),
    ),
}
_CLOSED = {
    WalkwayKind.GATE: (
        N_("Gate open only %(hours)s, %(extra)s longer"),
        N_("Gate “%(name)s” open only %(hours)s, %(extra)s longer"),
    ),
    WalkwayKind.YARD: (
        N_("Yard open only %(hours)s, %(extra)s longer"),
        N_("Yard “%(name)s” open only %(hours)s, %(extra)s longer"),
    ),
}
_OTHER_CLOSED = (
    N_("Way open only %(hours)s, %(extra)s longer"),
    N_("Way “%(name)s” open only %(hours)s, %(extra)s longer"),
)
_NO_PERMISSION = {
    WalkwayKind.GATE: (
        N_("No leave for the gate, %(extra)s longer"),
        N_("No leave for the gate “%(name)s”, %(extra)s longer"),
    ),
    WalkwayKind.YARD: (
        N_("No leave for the yard, %(extra)s longer"),
        N_("No leave for the yard “%(name)s”, %(extra)s longer"),
    ),
}
_OTHER_NO_PERMISSION = (
    N_("No leave for a private way, %(extra)s longer"),
    N_("No leave for the private way “%(name)s”, %(extra)s longer"),
)
_MISSING = {
    WalkwayKind.GATE: (
        N_("Leave for the gate (%(key)s) would shorten the walk by %(saved)s."),
        N_("Leave for the gate “%(name)s” (%(key)s) would shorten the walk by %(saved)s."),
    ),
    WalkwayKind.YARD: (
        N_("Leave for the yard (%(key)s) would shorten the walk by %(saved)s."),
        N_("Leave for the yard “%(name)s” (%(key)s) would shorten the walk by %(saved)s."),
    ),
}
_OTHER_MISSING = (
    N_("Leave for the way %(key)s would shorten the walk by %(saved)s."),
    N_("Leave for the way “%(name)s” (%(key)s) would shorten the walk by %(saved)s."),
)
_MISSING_GROUP = N_("Leave for all of “%(name)s” (%(key)s) would shorten the walk by %(saved)s.")


def detour_sentence(detour: Detour, speech: Voice) -> str:
    """Return why a leg takes a detour, short enough for a line beside it, without a full stop."""
    if detour.kind in _AVOIDED:
        pair = _AVOIDED[detour.kind]
    elif detour.kind == DetourKind.GATE_CLOSED:
        pair = _CLOSED.get(detour.edge_kind, _OTHER_CLOSED)
    else:
        pair = _NO_PERMISSION.get(detour.edge_kind, _OTHER_NO_PERMISSION)
    hours = "" if detour.window is None else window_text(detour.window, speech)
    template = pair[detour.name is not None]
    return speech.say(template, name=detour.name, extra=speech.metres(detour.extra_m), hours=hours)


def permission_sentence(missing: MissingPermission, speech: Voice) -> str:
    """Return which permission would shorten a tour's walk, and by how much."""
    pair = _MISSING.get(missing.edge_kind, _OTHER_MISSING)
    template = _MISSING_GROUP if len(missing.edges) > 1 else pair[missing.name is not None]
    key, saved = ", ".join(missing.edges), speech.metres(missing.saves_m)
    return speech.say(template, name=missing.name, key=key, saved=saved)


def window_text(window: Window, speech: Voice) -> str:
    """Return a window in clock times, its zero being midnight: ``14:00–15:00``, ``14–15 Uhr``."""
    clocks = [_clock(time_s) for time_s in (window.opens_s, window.closes_s)]
    if all(clock.endswith(":00") for clock in clocks):
        clocks = [clock.removesuffix(":00").removeprefix("0") for clock in clocks]
        return speech.say(N_("%(opens)s:00–%(closes)s:00"), opens=clocks[0], closes=clocks[1])
    return speech.say(N_("%(opens)s–%(closes)s"), opens=clocks[0], closes=clocks[1])


def _clock(time_s: int) -> str:
    within_s = min(max(time_s, 0), _DAY_S)
    return f"{within_s // _HOUR_S:02d}:{within_s % _HOUR_S // 60:02d}"
