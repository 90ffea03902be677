"""What every tour with its legs and times tells of itself as a whole."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from app.domain.clocks import told_on


class Walked:
    """Sums over a tour, and its places in walking order.

    What inherits it has `starts_at`, `legs` with lengths and minutes, `stops`, and before them `meeting`
    where people meet for no visit.
    """

    starts_at: datetime
    legs: tuple[Any, ...]
    meeting: Any
    stops: tuple[Any, ...]

    @property
    def places(self) -> tuple[Any, ...]:
        """The stops, and before them where people meet, if they do; the first is where the tour starts."""
        return self.stops if self.meeting is None else (self.meeting, *self.stops)

    def place(self, position: int) -> Any:
        """Return the place of a position, which is 0 where people meet."""
        return self.places[position - self.places[0].position]

    def leg_from(self, position: int) -> Any:
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
