"""What is told of a walk where no way leads."""

from __future__ import annotations

from app.analysis.walking.detours import Detour, DetourKind
from app.analysis.walking.walks import Walks
from app.domain.kinds import WalkwayKind


def no_way(walks: Walks, i: int, j: int) -> Detour | None:
    """Return that no way leads from place `i` to place `j`; None where one does."""
    if walks.is_reachable[i, j]:
        return None
    away_m = max(walks.away_m(place) for place in (i, j) if walks.snapped.edge[place] < 0)
    return Detour(DetourKind.UNREACHABLE, away_m, None, WalkwayKind.PATH)
