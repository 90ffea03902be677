"""Whom to bring together next, and in which groups: proven to be the best where that is possible in time.

`best_meeting` chooses a host and its guests, `best_groups` puts guests into groups. Beneath: `elimination`
decomposes the graph of neighbors, `heaviest_subgraph` goes through it exactly (compiled), `subgraph_model`
gives HiGHS what is too wide, `walk_search` keeps walks short enough; `group_search` finds groups soon,
`group_columns` proves them by column generation over all that `group_listing` lists.
"""

from __future__ import annotations

from app.analysis.meetings.groups import (
    Grouping,
    GroupProblem,
    best_groups,
    check_groups,
    least_repeats,
)
from app.analysis.meetings.meeting_problem import MeetingChoice, NextMeeting, Pair, check_meeting
from app.analysis.meetings.next_meeting import alternatives, best_meeting, compile_choices, without
from app.analysis.meetings.walk_limit import MOST_WALKED, WalkLimit, walk_limit

__all__ = [
    "MOST_WALKED",
    "GroupProblem",
    "Grouping",
    "MeetingChoice",
    "NextMeeting",
    "Pair",
    "WalkLimit",
    "alternatives",
    "best_groups",
    "best_meeting",
    "check_groups",
    "check_meeting",
    "compile_choices",
    "least_repeats",
    "walk_limit",
    "without",
]
