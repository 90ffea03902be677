"""What every tour with its legs and times tells of itself as a whole."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from app.domain.clocks import told_on


class Walked:
    """Sums over a tour; what inherits it has `starts_at` and `legs` with lengths and minutes."""

    starts_at: datetime
    legs: tuple[Any, ...]

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
