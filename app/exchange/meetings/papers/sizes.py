"""How large names can be set in their room: none overflows, whatever its length."""

from __future__ import annotations

from collections.abc import Sequence

from app.exchange.meetings.letters import fits, n_rows

_MM_PER_PT = 25.4 / 72
# Bold letters are wider than those that `fits` measures.
_BOLD = 1.08
# Columns end at different heights.
_FILLED = 0.92


def name_pt(name: str, room_mm: tuple[float, float], sizes_pt: Sequence[float]) -> float:
    """Return the largest of `sizes_pt`, which fall, at which a name in bold stays within its room.

    Where some size breaks no word, the largest of those; else words are broken.

    Examples
    --------
    >>> name_pt("Obi", (80.0, 30.0), (30, 20, 10))
    30
    >>> name_pt("W" * 80, (80.0, 30.0), (30, 20, 10))
    10
    """
    room = room_mm[0] / _BOLD, room_mm[1]
    words = name.split() or [""]
    fitting = [size for size in sizes_pt if fits([name], room, size)]
    whole = [
        size for size in fitting if all(n_rows(word, room[0] / (size * _MM_PER_PT)) == 1 for word in words)
    ]
    return next(iter([*whole, *fitting]), sizes_pt[-1])


def column_pt(
    lines: Sequence[str], n_columns: int, room_mm: tuple[float, float], sizes_pt: Sequence[float]
) -> float:
    """Return the largest size at which lines stay within columns of equal width, or the smallest."""
    wide, high = room_mm
    column = wide / n_columns, high * n_columns * _FILLED
    return next((size for size in sizes_pt if fits(lines, column, size)), sizes_pt[-1])
