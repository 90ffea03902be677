"""Solve a tour problem given as a file, and write the plan: no database, no server."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.analysis.tours import (
    MOST_PROVED,
    Alternative,
    Conflict,
    Objective,
    Plan,
    Problem,
    Reason,
    alternatives,
    conflict,
    left_out_reasons,
    solve,
)
from app.domain.localizer import Localizer
from app.errors import N_, InputError
from app.exchange.tours.problems.document import ProblemFile
from app.exchange.tours.problems.files import write_plan
from app.services.tours.planning.conflict_texts import conflict_sentence
from app.services.tours.planning.reason_texts import alternative_title, reason_sentence

# For reasons, a contradiction or alternatives each, as a share of the limit and in seconds.
EXPLAINING_SHARE, LEAST_EXPLAINING_S = 1.0, 2.0
LONGEST_LIMIT_S = 24 * 3600.0

UNITS = {Objective.WALKING: "m", Objective.DURATION: "s", Objective.VALUE: "value"}


def solve_file(  # noqa: PLR0913  what a person may choose
    file: ProblemFile,
    name: str,
    out: Path,
    localizer: Localizer,
    *,
    limit_s: float,
    objective: str | None = None,
    n_alternatives: int = 0,
) -> dict[str, Any]:
    """Solve a problem, write the plan with its reasons, and return what was written.

    Parameters
    ----------
    file : ProblemFile
    name : str
        Of the file that it was read from, for the plan.
    out : Path
        ``-`` for the standard output.
    localizer : Localizer
        Language of the sentences.
    limit_s : float
        For the plan; reasons, a contradiction and alternatives may each take as long again.
    objective : str, optional
        Instead of the file's.
    n_alternatives : int

    Raises
    ------
    NotFoundError, InputError, DataError, TooLargeError
        One sentence; nothing is written then.
    """
    if not 0 < limit_s <= LONGEST_LIMIT_S:
        raise InputError(N_("The limit must be more than 0 and at most %(most)s seconds."), most=86400)
    if not 0 <= n_alternatives <= 10:
        raise InputError(N_("Up to 10 alternatives are looked for, not %(n)s."), n=n_alternatives)
    if objective is not None:
        file = replace(file, problem=replace(file.problem, objective=Objective(objective)))
    answer = plan_document(file, localizer, limit_s=limit_s, n_alternatives=n_alternatives)
    answer["problem"] = name
    write_plan(out, answer)
    return answer


def plan_document(
    file: ProblemFile,
    localizer: Localizer,
    *,
    limit_s: float,
    n_alternatives: int = 0,
) -> dict[str, Any]:
    """Return the plan with its reasons, or the contradiction, as a JSON document.

    Raises
    ------
    InputError
        One sentence about a problem that the planner refuses.
    """
    problem = file.problem
    has_reasons = len(problem.stops) <= MOST_PROVED
    if n_alternatives and not has_reasons:
        raise InputError(
            N_("Alternatives can be searched for with up to %(most)s stops; this tour has %(n)s."),
            most=MOST_PROVED,
            n=len(problem.stops),
        )
    plan = solve(problem, limit_s=limit_s)
    more_s = max(LEAST_EXPLAINING_S, EXPLAINING_SHARE * limit_s)
    # Published problems have no minutes and no metres in which a change could be expressed.
    found = left_out_reasons(problem, plan, limit_s=more_s) if file.has_clock and has_reasons else ()
    # Above that many stops a contradiction is looked for only where it is known that there is one.
    is_asked = not plan.visits and (has_reasons or plan.is_feasible is False)
    why_not = conflict(problem, limit_s=more_s) if is_asked else Conflict()
    if why_not.requirements:
        plan = replace(plan, is_feasible=False, is_proved=True)
    others = alternatives(problem, plan, n_alternatives, limit_s=more_s) if n_alternatives else ()
    return {
        "title": file.title,
        **plan_measures(problem, plan, file.n_units),
        "visits": [_visit(visit, problem, file.n_units) for visit in plan.visits],
        "left_out": _left_out(problem, plan, found, localizer),
        "conflict": _conflict(why_not, file, localizer),
        "alternatives": [_alternative(one, problem, file.n_units, localizer) for one in others],
    }


def plan_measures(problem: Problem, plan: Plan, n_units: int) -> dict[str, Any]:
    """Return all but the visits; times in the units of the file."""
    is_time = problem.objective == Objective.DURATION
    has_tour = bool(plan.visits)

    def scaled(number: float, scale: int = 1) -> float | None:
        return _number(number / scale) if has_tour else None

    bound = plan.bound / (n_units if is_time else 1)
    value = plan.measure(problem.objective)
    return {
        "objective": str(problem.objective),
        "objective_value": scaled(value, n_units if is_time else 1),
        "unit": UNITS[problem.objective],
        "is_feasible": None if plan.is_feasible is None else bool(plan.is_feasible),
        "is_proved": bool(plan.is_proved),
        "bound": _number(bound) if has_tour or not plan.is_proved else None,
        "gap": plan.gap(problem.objective),
        "seconds": round(float(plan.seconds), 4),
        "method": plan.method,
        "starts_s": scaled(plan.starts_s, n_units),
        "ends_s": scaled(plan.ends_s, n_units),
        "walk_s": scaled(plan.walk_s, n_units),
        "wait_s": scaled(plan.wait_s, n_units),
        "length_m": scaled(plan.length_m),
        "value": scaled(plan.value),
        "most_value": scaled(plan.most_value),
    }


def _visit(visit: Any, problem: Problem, n_units: int) -> dict[str, Any]:
    moments = {
        name: _number(getattr(visit, name) / n_units)
        for name in ("arrives_s", "begins_s", "ends_s", "departs_s")
    }
    pauses_s = None if visit.pauses_s is None else _number(visit.pauses_s / n_units)
    way = None if visit.way is None else int(visit.way)
    stop = int(visit.stop)
    return {"stop": stop, "name": problem.stops[stop].name, **moments, "pauses_s": pauses_s, "way": way}


def _left_out(
    problem: Problem, plan: Plan, found: tuple[Reason, ...], localizer: Localizer
) -> list[dict[str, Any]]:
    if not plan.visits:
        return []
    return [
        {
            "stop": i,
            "name": stop.name,
            "reasons": [
                {
                    "kind": str(reason.kind),
                    "amount": _number(reason.amount),
                    "window": reason.window,
                    "instead": list(reason.instead),
                    "is_smallest": bool(reason.is_smallest),
                    "is_asked_for": reason.is_asked_for,
                    "sentence": reason_sentence(reason, problem, localizer),
                }
                for reason in found
                if reason.stop == i
            ],
        }
        for i, stop in enumerate(problem.stops)
        if i not in plan.order
    ]


def _conflict(found: Conflict, file: ProblemFile, localizer: Localizer) -> dict[str, Any] | None:
    if not found.requirements:
        return None
    return {
        "requirements": [
            {"kind": str(one.kind), "stop": one.stop, "other": one.other} for one in found.requirements
        ],
        "is_irreducible": found.is_irreducible,
        "is_smallest": found.is_smallest,
        "least_s": None if found.least_s is None else _number(found.least_s / file.n_units),
        "sentence": conflict_sentence(found, file.problem, localizer) if file.has_clock else "",
    }


def _alternative(one: Alternative, problem: Problem, n_units: int, localizer: Localizer) -> dict[str, Any]:
    is_time = problem.objective == Objective.DURATION
    value = one.plan.measure(problem.objective)
    return {
        "title": alternative_title(one, problem, localizer),
        "kind": str(one.kind),
        "order": [int(stop) for stop in one.plan.order],
        "objective_value": _number(value / (n_units if is_time else 1)),
        "length_m": _number(one.length_m),
        "duration_s": _number(one.duration_s / n_units),
        "value": _number(one.value),
    }


def _number(number: float) -> float | int:
    """Return a number as JSON should show it: whole ones without a point, others to the thousandth."""
    rounded = round(float(number), 4)
    return int(rounded) if math.isfinite(rounded) and rounded == int(rounded) else rounded
