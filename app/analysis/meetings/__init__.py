"""Whom to bring together next: proven to be the best choice where that is possible in time.

`best_meeting` chooses a host and its guests. Beneath: `elimination` decomposes the graph of neighbors,
`heaviest_subgraph` goes through it exactly (compiled), `subgraph_model` gives what is too wide, or has a walk
that is too long, to HiGHS.
"""

from __future__ import annotations

from app.analysis.meetings.meeting_problem import Choice, NextMeeting, Pair, check_meeting
from app.analysis.meetings.next_meeting import alternatives, best_meeting, without
from app.analysis.meetings.walk_limit import MOST_WALKED, WalkLimit, walk_limit

__all__ = [
    "MOST_WALKED",
    "Choice",
    "NextMeeting",
    "Pair",
    "WalkLimit",
    "alternatives",
    "best_meeting",
    "check_meeting",
    "walk_limit",
    "without",
]
