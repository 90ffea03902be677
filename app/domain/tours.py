"""A tour as the planner is asked for it, in seconds and metres, and as it is walked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from app.domain.clocks import Way, Window, minutes_between, timetable_day
from app.domain.kinds import Objective, TimeBasis, TourStatus

if TYPE_CHECKING:
    # The solver, which does without it, takes its words from here.
    from shapely import LineString, Point

Array = np.ndarray[Any, Any]

# Of more stops nobody walks the tour, and a first order of them takes minutes to get good.
MOST_STOPS = 200
# Up to so many stops a tour can be proven optimal: sets of stops are bits of one 64-bit number. Requests
# take no more: they are answered within a second and with reasons, and of more stops neither can be had.
MOST_PROVED = 64


@dataclass(frozen=True)
class Stop:
    """A place to visit.

    Attributes
    ----------
    name : str
        For sentences.
    dwell_s : int
        How long the visit takes; 0 or more.
    windows : tuple of Window
        The whole visit, from its begin to its end, must lie in one of them; none: at any time.
    value : float or None
        None: must be visited. A number (0 or more): may be left out, and is worth this much; what is worth
        0 is visited only where that makes the tour better otherwise.
    position : int or None
        Its place in the walking order if it is visited, from 0; None: anywhere.
    """

    name: str
    dwell_s: int = 0
    windows: tuple[Window, ...] = ()
    value: float | None = None
    position: int | None = None


@dataclass(frozen=True)
class Pause:
    """A rest of `dwell_s` at any stop, before or after its visit, that begins within `begins`."""

    dwell_s: int
    begins: Window


@dataclass(frozen=True)
class Problem:
    """What is asked of a tour of `n` stops.

    Attributes
    ----------
    stops : tuple of Stop
    walk_s : array of int, shape (n, n)
        Seconds from stop to stop at any time; -1 where one cannot walk. The diagonal is not read.
    length_m : array of float, shape (n, n)
        Metres of these walks. Need not be symmetric.
    ways : tuple of Way
        Walks that can be begun at certain times only, beside those of `walk_s`.
    objective : Objective
    first, last : int or None
        Fixed stop at the start and at the end (they are visited whatever their value); None: free.
    is_round : bool
        Walk back to the first stop at the end (its walk counts; there is no second visit). Not with `last`.
    orders : tuple of (int, int)
        The first must come before the second wherever both are visited.
    starts_s : int
        The tour does not start (set out on its first visit) before.
    ends_s : int or None
        It ends (last visit, pause and, of a round one, the walk back) not later.
    max_walk_m : float or None
    pause : Pause or None
    """

    stops: tuple[Stop, ...]
    walk_s: Array
    length_m: Array
    ways: tuple[Way, ...] = ()
    objective: Objective = Objective.WALKING
    first: int | None = None
    last: int | None = None
    is_round: bool = False
    orders: tuple[tuple[int, int], ...] = ()
    starts_s: int = 0
    ends_s: int | None = None
    max_walk_m: float | None = None
    pause: Pause | None = None


@dataclass(frozen=True)
class PlannedStop:
    """A stop with its clock times (zone of the parks).

    Attributes
    ----------
    position : int
        Its number on every map and list, from 1; 0 where people meet.
    name : str
        Of the host or place; no person's name.
    note : str or None
        What there is to see or to know.
    point : Point
        In EPSG:25832.
    is_approximate : bool
        Whether the place is only about there.
    arrives_at, begins_at, ends_at, departs_at : datetime
        The visit lasts from `begins_at` to `ends_at`.
    pause_at : datetime or None
        When the rest of `pause_min` begins that is taken here.
    windows : str
        When the host can receive, ``14:00–14:30, 16:00–17:00``; empty where that is at any time.
    """

    position: int
    name: str
    note: str | None
    point: Point
    is_approximate: bool
    arrives_at: datetime
    begins_at: datetime
    ends_at: datetime
    departs_at: datetime
    pause_at: datetime | None = None
    pause_min: float = 0.0
    windows: str = ""

    @property
    def dwell_min(self) -> float:
        """Minutes of the visit, a pause within it not counted."""
        rest_min = self.pause_min if self._rests_within else 0.0
        return minutes_between(self.begins_at, self.ends_at) - rest_min

    @property
    def stay_min(self) -> float:
        """Minutes from arrival to departure."""
        return minutes_between(self.arrives_at, self.departs_at)

    @property
    def wait_min(self) -> float:
        """Minutes of waiting before and after the visit, the pause not counted."""
        return max(self.stay_min - self.dwell_min - self.pause_min, 0.0)

    @property
    def _rests_within(self) -> bool:
        return self.pause_at is not None and 0 < minutes_between(
            self.begins_at, self.pause_at
        ) < minutes_between(self.begins_at, self.ends_at)


@dataclass(frozen=True)
class LegPart:
    """A piece of a walk (EPSG:25832, in walking direction), along the network or straight beside it."""

    line: LineString
    is_on_network: bool


@dataclass(frozen=True)
class Direction:
    """A direction in words, and where it is to be followed (EPSG:25832)."""

    text: str
    point: Point


@dataclass(frozen=True)
class Leg:
    """The walk from the stop at `position` to the one at `to_position`.

    `off_network_m` of its `length_m` are straight. `notes` give the reasons of a detour, `turns` the way.
    Where no way leads, `is_reachable` is false, the notes report that and the line is a picture only.
    """

    position: int
    to_position: int
    length_m: float
    off_network_m: float
    walk_min: float
    departs_at: datetime
    arrives_at: datetime
    parts: tuple[LegPart, ...]
    notes: tuple[str, ...] = ()
    turns: tuple[Direction, ...] = ()
    is_reachable: bool = True

    @property
    def line(self) -> tuple[tuple[float, float], ...]:
        """The vertices of the whole walk, none twice in a row."""
        vertices = [(x, y) for part in self.parts for x, y, *_ in part.line.coords]
        return tuple(vertices[:1] + [b for a, b in pairwise(vertices) if a != b])


@dataclass(frozen=True)
class TourPlan:
    """A tour as it is walked and shown, by page, prompt, paper and device alike.

    Attributes
    ----------
    key, title, park_name : str
    language : str
        Of the words of legs and of what is written around them (``de`` or ``en``).
    status : TourStatus
    sequence : int
        Rises with every change, for calendars.
    changed_at : datetime
        When the tour last changed.
    starts_at, ends_at : datetime
        In the zone of the parks, like all times.
    time_basis : TimeBasis
        What the times rest on.
    pace_m_s : float
        On level ground.
    is_round : bool
        Whether it ends where it began.
    note, source, source_url : str or None
    licence, attribution : str
        Notices of the data behind it; empty where nothing is asked.
    data_at : datetime
        State of the data.
    address : str or None
        The public page of the tour, if it has one.
    stops, legs : tuple
        In walking order; one leg fewer than places, as many for a round tour.
    meeting : PlannedStop or None
        Where people meet at `starts_at`, which is no visit; the walk begins there.
    """

    key: str
    title: str
    park_name: str
    language: str
    status: TourStatus
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    time_basis: TimeBasis
    pace_m_s: float
    is_round: bool
    note: str | None
    source: str | None
    source_url: str | None
    licence: str
    attribution: str
    data_at: datetime
    address: str | None
    stops: tuple[PlannedStop, ...]
    legs: tuple[Leg, ...]
    meeting: PlannedStop | None = None

    @property
    def places(self) -> tuple[PlannedStop, ...]:
        """The stops, and before them where people meet, if they do; the first is where the tour starts."""
        return self.stops if self.meeting is None else (self.meeting, *self.stops)

    def place(self, position: int) -> PlannedStop:
        """Return the place of a position, which is 0 where people meet."""
        return self.places[position - self.places[0].position]

    def leg_from(self, position: int) -> Leg | None:
        """Return the walk that leaves the place at `position`, None at the end."""
        return next((leg for leg in self.legs if leg.position == position), None)

    @property
    def toured_on(self) -> date:
        """The day of the tour in the parks, as its timetable shows it."""
        return timetable_day(self.starts_at)

    @property
    def length_m(self) -> float:
        """Length of the whole walk."""
        return float(sum(leg.length_m for leg in self.legs))

    @property
    def off_network_m(self) -> float:
        """Length of its straight parts beside the network."""
        return float(sum(leg.off_network_m for leg in self.legs))

    @property
    def walk_min(self) -> float:
        """Minutes of walking."""
        return float(sum(leg.walk_min for leg in self.legs))

    @property
    def dwell_min(self) -> float:
        """Minutes of visits."""
        return sum(stop.dwell_min for stop in self.places)

    @property
    def wait_min(self) -> float:
        """Minutes of waiting at the stops."""
        return sum(stop.wait_min for stop in self.places)

    @property
    def pause_min(self) -> float:
        """Minutes of rest."""
        return sum(stop.pause_min for stop in self.places)

    @property
    def is_approximate(self) -> bool:
        """Whether the place of any stop is only about there."""
        return any(stop.is_approximate for stop in self.places)

    @property
    def total_min(self) -> float:
        """Minutes from start to end."""
        return minutes_between(self.starts_at, self.ends_at)

    def leg_to(self, position: int) -> Leg | None:
        """Return the walk that reaches the stop at `position` for its visit, None at the start."""
        is_start = position == self.places[0].position
        return None if is_start else self.leg_from(position - 1)
