"""Sentences about detours and missing access permissions."""

from __future__ import annotations

from app.analysis.walking.detours import Detour, DetourKind, MissingPermission
from app.domain.clocks import Window
from app.domain.kinds import WalkwayKind
from app.domain.localizer import Localizer
from app.errors import N_

_HOUR_S = 3600
_DAY_S = 24 * _HOUR_S

_NO_WAY = N_("Not reachable along paths, the nearest is %(extra)s away: no meters and minutes are given")
# By what is avoided, and by whether it has a name.
_AVOIDED = {
    DetourKind.STEPS: (
        N_("Steps avoided, %(extra)s longer"),
        N_("Steps “%(name)s” avoided, %(extra)s longer"),
    ),
    DetourKind.KERB: (
        N_("Raised curb avoided, %(extra)s longer"),
        N_("Raised curb on %(name)s avoided, %(extra)s longer"),
    ),
    DetourKind.UNREACHABLE: (_NO_WAY, _NO_WAY),
    DetourKind.BESIDE_STEPS: (
        N_("Paths only lead over steps, hence %(extra)s more off the paths"),
        N_("Paths only lead over the steps “%(name)s”, hence %(extra)s more off the paths"),
    ),
    DetourKind.BESIDE_KERB: (
        N_("Paths only lead over a raised curb, hence %(extra)s more off the paths"),
        N_("Paths only lead over a raised curb on %(name)s, hence %(extra)s more off the paths"),
    ),
}
_CLOSED = {
    WalkwayKind.GATE: (
        N_("Gate only open %(hours)s, %(extra)s longer"),
        N_("Gate “%(name)s” only open %(hours)s, %(extra)s longer"),
    ),
    WalkwayKind.YARD: (
        N_("Yard only open %(hours)s, %(extra)s longer"),
        N_("Yard “%(name)s” only open %(hours)s, %(extra)s longer"),
    ),
}
_OTHER_CLOSED = (
    N_("Way only open %(hours)s, %(extra)s longer"),
    N_("Way “%(name)s” only open %(hours)s, %(extra)s longer"),
)
_NO_PERMISSION = {
    WalkwayKind.GATE: (
        N_("No permission for the gate, %(extra)s longer"),
        N_("No permission for the gate “%(name)s”, %(extra)s longer"),
    ),
    WalkwayKind.YARD: (
        N_("No permission for the yard, %(extra)s longer"),
        N_("No permission for the yard “%(name)s”, %(extra)s longer"),
    ),
}
_OTHER_NO_PERMISSION = (
    N_("No permission for a private way, %(extra)s longer"),
    N_("No permission for the private way “%(name)s”, %(extra)s longer"),
)
_MISSING = {
    WalkwayKind.GATE: (
        N_("Permission for the gate (%(key)s) would shorten the walk by %(saved)s."),
        N_("Permission for the gate “%(name)s” (%(key)s) would shorten the walk by %(saved)s."),
    ),
    WalkwayKind.YARD: (
        N_("Permission for the yard (%(key)s) would shorten the walk by %(saved)s."),
        N_("Permission for the yard “%(name)s” (%(key)s) would shorten the walk by %(saved)s."),
    ),
}
_OTHER_MISSING = (
    N_("Permission for the way %(key)s would shorten the walk by %(saved)s."),
    N_("Permission for the way “%(name)s” (%(key)s) would shorten the walk by %(saved)s."),
)
_MISSING_GROUP = N_("Permission for all of “%(name)s” (%(key)s) would shorten the walk by %(saved)s.")


def detour_sentence(detour: Detour, localizer: Localizer) -> str:
    """Return why a leg takes a detour, short enough for a line beside it, without a full stop."""
    if detour.kind in _AVOIDED:
        pair = _AVOIDED[detour.kind]
    elif detour.kind == DetourKind.GATE_CLOSED:
        pair = _CLOSED.get(detour.edge_kind, _OTHER_CLOSED)
    else:
        pair = _NO_PERMISSION.get(detour.edge_kind, _OTHER_NO_PERMISSION)
    hours = "" if detour.window is None else window_text(detour.window, localizer)
    template = pair[detour.name is not None]
    return localizer.translate(
        template, name=detour.name, extra=localizer.metres(detour.extra_m), hours=hours
    )


def permission_sentence(missing: MissingPermission, localizer: Localizer) -> str:
    """Return which permission would shorten a tour's walk, and by how much."""
    pair = _MISSING.get(missing.edge_kind, _OTHER_MISSING)
    template = _MISSING_GROUP if len(missing.edges) > 1 else pair[missing.name is not None]
    key, saved = ", ".join(missing.edges), localizer.metres(missing.saves_m)
    return localizer.translate(template, name=missing.name, key=key, saved=saved)


def window_text(window: Window, localizer: Localizer) -> str:
    """Return a window in clock times, its zero being midnight: ``14:00–15:00``, ``14–15 Uhr``."""
    clocks = [_clock(time_s) for time_s in (window.opens_s, window.closes_s)]
    if all(clock.endswith(":00") for clock in clocks):
        clocks = [clock.removesuffix(":00").removeprefix("0") for clock in clocks]
        return localizer.translate(N_("%(opens)s:00–%(closes)s:00"), opens=clocks[0], closes=clocks[1])
    return localizer.translate(N_("%(opens)s–%(closes)s"), opens=clocks[0], closes=clocks[1])


def _clock(time_s: int) -> str:
    within_s = min(max(time_s, 0), _DAY_S)
    return f"{within_s // _HOUR_S:02d}:{within_s % _HOUR_S // 60:02d}"
