"""The board of a park on one page: the map with the numbers, and the companies in order of names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from app.domain.localizer import localizer_for
from app.errors import N_
from app.exchange.meetings.papers.park_map import BoardEntry, ParkBoard, park_svg
from app.exchange.meetings.papers.printing import map_style, paper_pdf
from app.exchange.meetings.papers.sizes import column_pt
from app.exchange.tours.drawing import Canvas

_WIDTH_MM, _ROOM_MM = 186.0, 238.0
_MAPS_MM = (140.0, 125.0, 110.0, 95.0, 80.0)
_SIZES_PT = (13.0, 12.0, 11.0, 10.5, 10.0, 9.5, 9.0, 8.5, 8.0, 7.5, 7.0, 6.5, 6.0, 5.5, 5.0, 4.5, 4.0)
_GOOD_PT = 8.0
_COLUMNS, _NUMBER_MM, _LEAST_LINES = 3, 16.0, 6


@dataclass(frozen=True)
class BoardPage:
    """A board laid out: its drawing, the size of its letters, and its companies in columns."""

    board: ParkBoard
    map: Markup
    size_pt: float
    columns: tuple[tuple[BoardEntry, ...], ...]


def board_page(board: ParkBoard, language: str) -> BoardPage:
    """Return a board laid out so that it stays on one page: the map gives way to the list."""
    names = [entry.name for entry in board.entries]
    room = _WIDTH_MM - _COLUMNS * _NUMBER_MM
    tries = [
        (map_mm, column_pt(names, _COLUMNS, (room, _ROOM_MM - map_mm), _SIZES_PT)) for map_mm in _MAPS_MM
    ]
    map_mm, size_pt = next((one for one in tries if one[1] >= _GOOD_PT), tries[-1])
    title = localizer_for(language).translate(
        N_("Map of %(park)s with the numbers of the plots"), park=board.park_name
    )
    svg = park_svg(board, Canvas(_WIDTH_MM, map_mm, margin=4), title, map_style())
    # A drawing of our own, in which every text is escaped.
    return BoardPage(board, Markup(svg), size_pt, columns_of(board.entries))  # noqa: S704


def columns_of(entries: Sequence[BoardEntry]) -> tuple[tuple[BoardEntry, ...], ...]:
    """Return companies in columns of about equal length."""
    length = max(_LEAST_LINES, -(-len(entries) // _COLUMNS))
    return tuple(tuple(entries[n * length : (n + 1) * length]) for n in range(_COLUMNS))


def board_pdf(board: ParkBoard, language: str) -> bytes:
    """Return a board as a PDF."""
    return paper_pdf("board.html", language, page=board_page(board, language))
