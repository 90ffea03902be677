"""A tour as it is walked: its stops, legs and times, in metres and instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from shapely import LineString, Point

from app.domain.clocks import minutes_between, told_on
from app.domain.kinds import TimeBasis, TourStatus


@dataclass(frozen=True)
class Stop:
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
    def sign(self) -> str:
        """What stands for it on drawings: its number, or a dot where people meet."""
        return str(self.position) if self.position else "•"

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

    `off_network_m` of its `length_m` are straight. `notes` say why it takes a detour, `turns` the way. Where
    no way leads, `is_reachable` is false, the notes say so and the line is a picture only.
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
    """A tour as it is walked and told, by page, prompt, paper and device alike.

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
    meeting : Stop or None
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
    stops: tuple[Stop, ...]
    legs: tuple[Leg, ...]
    meeting: Stop | None = None

    @property
    def places(self) -> tuple[Stop, ...]:
        """The stops, and before them where people meet, if they do; the first is where the tour starts."""
        return self.stops if self.meeting is None else (self.meeting, *self.stops)

    def place(self, position: int) -> Stop:
        """Return the place of a position, which is 0 where people meet."""
        return self.places[position - self.places[0].position]

    def leg_from(self, position: int) -> Leg | None:
        """Return the walk that leaves the place at `position`, None at the end."""
        return next((leg for leg in self.legs if leg.position == position), None)

    @property
    def toured_on(self) -> date:
        """The day of the tour in the parks, as its timetable shows it."""
        return told_on(self.starts_at)

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
