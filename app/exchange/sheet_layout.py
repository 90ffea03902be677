"""How much height a visit sheet's timetable takes, so that map and timetable share the first page well.

Told in millimetres from the sizes in ``visit_sheet.css`` and the average width of letters; a line
more or less does not matter, because what does not fit goes on.
"""

from __future__ import annotations

from app.domain.tour_papers import PaperLeg, PaperStop, TourPapers

# Between the margins of A4; head, and a second line of its title; key below the map; head of the table.
_PAGE_MM, _HEAD_MM, _SECOND_TITLE_MM, _KEY_MM, _TABLE_HEAD_MM = 267.0, 44.0, 3.0, 8.0, 10.0
_LEAST_MAP_MM, _MOST_MAP_MM = 74.0, 130.0
# Height of a line, and how many letters it holds.
_TITLE_LETTERS = 44
_NAME_MM, _NAME_LETTERS = 5.0, 36
_NOTE_MM, _NOTE_LETTERS = 4.6, 44
_WAY_MM, _WAY_LETTERS = 3.9, 116
_ABOUT_MM, _ABOUT_LETTERS = 3.9, 125
_STOP_PADDING_MM, _LEAST_STOP_MM, _WAY_PADDING_MM = 3.2, 9.6, 2.6
_APPROXIMATE_LETTERS = 12
_RECEIVES_LETTERS = 15
_BESIDE_LETTERS = 42


def map_height_mm(papers: TourPapers) -> float:
    """Return how high the map may be so that a short timetable stays on the first page.

    Where it cannot, the map gets all the height it may have, and the timetable goes on.
    """
    left_mm = _PAGE_MM - _head_mm(papers) - _table_mm(papers)
    return min(left_mm, _MOST_MAP_MM) if left_mm >= _LEAST_MAP_MM else _MOST_MAP_MM


def _head_mm(papers: TourPapers) -> float:
    about = " ".join(text for text in (papers.note, papers.source, papers.address) if text)
    second_mm = _SECOND_TITLE_MM if len(papers.title) > _TITLE_LETTERS else 0.0
    return _HEAD_MM + second_mm + _KEY_MM + 2 + _ABOUT_MM * _lines(len(about), _ABOUT_LETTERS)


def _table_mm(papers: TourPapers) -> float:
    return_mm = _LEAST_STOP_MM + _NOTE_MM if papers.is_round else 3.0
    stops_mm = sum(_stop_mm(stop) for stop in papers.places)
    return _TABLE_HEAD_MM + stops_mm + sum(_leg_mm(leg) for leg in papers.legs) + return_mm


def _stop_mm(stop: PaperStop) -> float:
    name = len(stop.name) + (_APPROXIMATE_LETTERS if stop.is_approximate else 0)
    n_below = (
        _lines(len(stop.note or ""), _NOTE_LETTERS)
        + _lines(_RECEIVES_LETTERS * bool(stop.windows) + len(stop.windows), _NOTE_LETTERS)
        + (stop.wait_min >= 0.5)
        + (stop.pause_at is not None)
    )
    text_mm = _NAME_MM * _lines(name, _NAME_LETTERS) + _NOTE_MM * n_below
    return max(_STOP_PADDING_MM + text_mm, _LEAST_STOP_MM)


def _leg_mm(leg: PaperLeg) -> float:
    beside = _BESIDE_LETTERS if leg.off_network_m >= 1 else 0
    letters = 25 + beside + sum(len(turn.text) + 2 for turn in leg.turns) + sum(len(n) + 1 for n in leg.notes)
    return _WAY_PADDING_MM + _WAY_MM * _lines(letters, _WAY_LETTERS)


def _lines(n_letters: int, letters_a_line: int) -> int:
    return -(-n_letters // letters_a_line)
