"""Plots of a test that random edits move, split, merge, close and draw anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import shapely
from hypothesis import strategies as st
from sqlalchemy import Connection, Row, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import Range

from app.db.models import Plot, PlotVersion
from app.domain.kinds import Precision
from app.services.neighbors.stored_pairs import neighbors_updated
from tests.scenes import EAST, NORTH, rectangle
from tests.stored import ewkb, store_plot

Box = tuple[float, float, float, float]

FIRST = date(2020, 1, 1)


@dataclass
class Land:
    """Plots of a test in the database; boxes in metres from the scenes' corner."""

    connection: Connection
    park_id: int
    n_new: int = 0

    def on(self, day: date) -> dict[str, Box]:
        statement = text(
            "SELECT key, ST_AsBinary(geometry) FROM plot_version JOIN plot USING (plot_id)"
            " WHERE valid @> CAST(:day AS date) ORDER BY key"
        )
        rows = self.connection.execute(statement, {"day": day}).all()
        boxes = shapely.bounds(shapely.from_wkb([row[1] for row in rows])).reshape(-1, 4)
        local = boxes - np.array([EAST, NORTH, EAST, NORTH])
        return {row[0]: tuple(box) for row, box in zip(rows, local.tolist(), strict=True)}

    def new_key(self) -> str:
        self.n_new += 1
        return f"new-{self.n_new}"

    def put(self, key: str, box: Box | None, period: Range[date]) -> None:
        """Let plot `key` be `box`, or nothing, during a period; what was stored of these days gives way."""
        for version in self._versions(key):
            if not version.valid.overlaps(period):
                continue
            table = PlotVersion.plot_version_id == version.plot_version_id
            rest = [part for part in outside(version.valid, period) if not part.isempty]
            if not rest:
                self.connection.execute(delete(PlotVersion).where(table))
                continue
            precision = Precision.UNKNOWN if rest[0].lower is None else Precision.DAY
            values = {"valid": rest[0], "starts_precision": precision}
            self.connection.execute(update(PlotVersion).where(table).values(values))
            for part in rest[1:]:
                store_plot(self.connection, self.park_id, key, shapely.from_wkb(version.wkb), part)
        if box is not None:
            store_plot(self.connection, self.park_id, key, rectangle(*box), period)

    def redraw(self, key: str, day: date, box: Box) -> None:
        """Correct the boundary of the version that holds on a day, in place."""
        for version in self._versions(key):
            if day in version.valid:
                where = PlotVersion.plot_version_id == version.plot_version_id
                self.connection.execute(
                    update(PlotVersion).where(where).values(geometry=ewkb(rectangle(*box)))
                )

    def _versions(self, key: str) -> list[Row]:
        statement = select(
            PlotVersion.plot_version_id,
            PlotVersion.valid,
            func.ST_AsBinary(PlotVersion.geometry).label("wkb"),
        ).join(Plot, Plot.plot_id == PlotVersion.plot_id)
        return list(self.connection.execute(statement.where(Plot.key == key)))


def outside(period: Range[date], cut: Range[date]) -> list[Range[date]]:
    """What is left of `period` before and after `cut`."""
    before = [Range(period.lower, cut.lower)] if cut.lower and is_before(period.lower, cut.lower) else []
    after = [Range(cut.upper, period.upper)] if cut.upper and is_after(period.upper, cut.upper) else []
    return before + after


def is_before(one: date | None, other: date) -> bool:
    return one is None or one < other


def is_after(one: date | None, other: date) -> bool:
    return one is None or one > other


@dataclass(frozen=True)
class Edit:
    """One edit by chance: `kind` is done to the `nth` plot of the day, `share` (0 to 1) says how."""

    kind: str
    nth: int
    share: float
    starts: int | None
    n_days: int | None

    def period(self) -> Range[date]:
        starts = None if self.starts is None else FIRST + timedelta(days=self.starts)
        ends = None if self.n_days is None else (starts or FIRST) + timedelta(days=self.n_days)
        return Range(starts, ends, bounds="[)")

    def do(self, land: Land) -> None:
        day = FIRST - timedelta(days=1) if self.starts is None else FIRST + timedelta(days=self.starts)
        there = land.on(day)
        if self.kind == "kiosk":
            left = round(110 * self.share)
            there = {land.new_key(): (left, -11, left + 8, -5)}
        if not there:
            return
        key = sorted(there)[self.nth % len(there)]
        if self.kind == "redraw":
            with neighbors_updated(land.connection, [key]):
                land.redraw(key, day, moved(there[key], self.share))
            return
        plan = self.plan(land, key, there)
        with neighbors_updated(land.connection, plan):
            for name, box in plan.items():
                land.put(name, box, self.period())

    def plan(self, land: Land, key: str, there: dict[str, Box]) -> dict[str, Box | None]:
        box = there[key]
        partner = next((other for other in there if other != key and union(box, there[other])), None)
        match self.kind:
            case "kiosk" | "reopen":
                return {key: box}
            case "close":
                return {key: None}
            case "split":
                one, other = cut(box, self.share)
                return {key: None, land.new_key(): one, land.new_key(): other}
            case "merge" if partner:
                return {key: union(box, there[partner]), partner: None}
            case "move" if partner:
                return dict(zip((key, partner), cut(union(box, there[partner]), self.share), strict=True))
        return {key: moved(box, self.share)}


def union(one: Box, other: Box) -> Box | None:
    """The rectangle that two rectangles with a whole side in common make; None for others."""
    whole = shapely.union(shapely.box(*one), shapely.box(*other))
    is_whole = shapely.area(whole) == shapely.area(shapely.box(*whole.bounds))
    return whole.bounds if is_whole and not shapely.box(*one).contains(shapely.box(*other)) else None


def cut(box: Box, share: float) -> tuple[Box, Box]:
    left, bottom, right, top = box
    if right - left > top - bottom:
        at = left + round((right - left) * (0.2 + 0.6 * share), 2)
        return (left, bottom, at, top), (at, bottom, right, top)
    at = bottom + round((top - bottom) * (0.2 + 0.6 * share), 2)
    return (left, bottom, right, at), (left, at, right, top)


def moved(box: Box, share: float) -> Box:
    """The box with its lower and right sides moved: by centimetres or by metres."""
    by = round((share - 0.5) * (0.3 if share < 0.5 else 30), 2)
    left, bottom, right, top = box
    return (left, min(bottom - by, top - 1), max(right + by / 2, left + 1), top)


EDITS = st.builds(
    Edit,
    st.sampled_from(["move", "split", "merge", "close", "reopen", "kiosk", "redraw", "shift"]),
    st.integers(0, 30),
    st.floats(0, 1).map(lambda share: round(share, 3)),
    st.none() | st.integers(0, 40),
    st.none() | st.integers(1, 30),
)
