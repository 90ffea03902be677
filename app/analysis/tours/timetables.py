"""When a walk is where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True)
class StopTimes:
    """When a walk is at a stop."""

    arrives_at: datetime
    departs_at: datetime


@dataclass(frozen=True)
class Timetable:
    """When a walk is where.

    Attributes
    ----------
    visits : tuple of StopTimes
        One a stop, in walking order.
    ends_at : datetime
        Departure from the last stop; of a round walk, the return to the first.
    walk_min, dwell_min : float
        Walking and dwelling in all.
    """

    visits: tuple[StopTimes, ...]
    ends_at: datetime
    walk_min: float
    dwell_min: float

    @property
    def total_min(self) -> float:
        """Minutes from start to end."""
        return self.walk_min + self.dwell_min


def timetable(walk_s: Sequence[float], dwell_min: Sequence[float], starts_at: datetime) -> Timetable:
    """Return when a walk is where.

    Parameters
    ----------
    walk_s : sequence of float
        Walking time of each leg: one fewer than stops, or as many for a round walk.
    dwell_min : sequence of float
        Minutes spent at each stop, at least one stop.
    starts_at : datetime
        Arrival at the first stop, aware; all times are told in its zone, and a clock change
        on the way is no walking time.
    """
    zone, clock = starts_at.tzinfo, starts_at.astimezone(UTC)
    visits = []
    for stop, stay_min in enumerate(dwell_min):
        leaves = clock + timedelta(minutes=stay_min)
        visits.append(StopTimes(clock.astimezone(zone), leaves.astimezone(zone)))
        clock = leaves + timedelta(seconds=walk_s[stop] if stop < len(walk_s) else 0)
    return Timetable(tuple(visits), clock.astimezone(zone), sum(walk_s) / 60, float(sum(dwell_min)))
