"""Problems in which every second lasts a minute, and back: changes are told in minutes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.analysis.tours.problem import Pause, Problem, Window


def window_times(window: Window, factor: int) -> Window:
    return Window(window.opens_s * factor, window.closes_s * factor)


def in_minutes(problem: Problem, factor: int = 60) -> Problem:
    """Return the problem in which every second lasts a minute."""
    stops = tuple(
        replace(
            stop,
            dwell_s=stop.dwell_s * factor,
            windows=tuple(window_times(window, factor) for window in stop.windows),
        )
        for stop in problem.stops
    )
    ways = tuple(
        replace(way, walk_s=way.walk_s * factor, departs=window_times(way.departs, factor))
        for way in problem.ways
    )
    pause = problem.pause and Pause(
        problem.pause.dwell_s * factor, window_times(problem.pause.begins, factor)
    )
    return replace(
        problem,
        stops=stops,
        ways=ways,
        pause=pause,
        walk_s=np.where(problem.walk_s < 0, -1, problem.walk_s * factor),
        starts_s=problem.starts_s * factor,
        ends_s=None if problem.ends_s is None else problem.ends_s * factor,
    )


def in_seconds(problem: Problem) -> Problem:
    """Return the problem in which every minute lasts a second: all times must be whole minutes."""
    tenth = in_minutes(replace(problem, walk_s=np.where(problem.walk_s < 0, -1, problem.walk_s)), 1)
    stops = tuple(
        replace(
            stop,
            dwell_s=stop.dwell_s // 60,
            windows=tuple(Window(w.opens_s // 60, w.closes_s // 60) for w in stop.windows),
        )
        for stop in tenth.stops
    )
    ways = tuple(
        replace(
            way,
            walk_s=way.walk_s // 60,
            departs=Window(way.departs.opens_s // 60, way.departs.closes_s // 60),
        )
        for way in tenth.ways
    )
    begins = tenth.pause and tenth.pause.begins
    pause = begins and Pause(tenth.pause.dwell_s // 60, Window(begins.opens_s // 60, begins.closes_s // 60))
    return replace(
        tenth,
        stops=stops,
        ways=ways,
        pause=pause,
        walk_s=np.where(tenth.walk_s < 0, -1, tenth.walk_s // 60),
        starts_s=tenth.starts_s // 60,
        ends_s=None if tenth.ends_s is None else tenth.ends_s // 60,
    )
