"""The planner and others, asked for the same tours.

All others get one depot of their own, nowhere: from it a tour starts where it may, and to it it ends.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np

from app.analysis.tours.problem import Array, Objective, Problem
from app.analysis.tours.solving import solve

# What one may not walk. Lengths are told in decimeters, so that all fits into 32 bits.
FAR = 10**7
PER_M = 10
# A visit left out costs more than any walk; one that must not be left out more than all values.
PER_VALUE = 10**6
MUST = 10**11
LATE_S = 10**6


@dataclass(frozen=True)
class Answer:
    """An order of stops, if one was found, and whether (and what) it is proved."""

    order: tuple[int, ...]
    is_proved: bool = False
    bound: float | None = None


@dataclass(frozen=True)
class Asked:
    """A problem as arrays, node 0 the depot, node i + 1 the stop i; times from the earliest start."""

    problem: Problem
    walk_s: Array
    length_dm: Array
    dwell_s: Array
    opens_s: Array
    closes_s: Array
    ends_s: int

    @property
    def n(self) -> int:
        """Return how many nodes there are."""
        return len(self.walk_s)

    @property
    def is_walking(self) -> bool:
        """Return whether length counts, and not time."""
        return self.problem.objective == Objective.WALKING

    def is_needed(self, node: int) -> bool:
        """Return whether a stop must be visited."""
        ends = {self.problem.first, self.problem.last}
        return self.problem.stops[node - 1].value is None or node - 1 in ends

    def value(self, node: int) -> int:
        """Return what a visit is worth, in small units."""
        return round((self.problem.stops[node - 1].value or 0.0) * PER_VALUE)


def asked(problem: Problem) -> Asked:
    """Return a problem as arrays."""
    n, zero = len(problem.stops), problem.starts_s
    ends_s = min(LATE_S, problem.ends_s - zero) if problem.ends_s is not None else LATE_S
    walk_s = np.full((n + 1, n + 1), FAR, dtype=np.int64)
    length_dm = walk_s.copy()
    can_walk = problem.walk_s >= 0
    walk_s[1:, 1:][can_walk] = problem.walk_s[can_walk]
    length_dm[1:, 1:][can_walk] = np.round(problem.length_m[can_walk] * PER_M)
    for matrix, given in ((walk_s, problem.walk_s), (length_dm, problem.length_m * PER_M)):
        first, last = problem.first, problem.last
        matrix[0, 1:] = 0 if first is None else FAR
        matrix[1:, 0] = 0 if last is None else FAR
        if first is not None:
            matrix[0, first + 1] = 0
        if last is not None:
            matrix[last + 1, 0] = 0
        if problem.is_round and first is not None:
            matrix[1:, 0] = np.round(given[:, first])
            matrix[first + 1, 0] = 0
        np.fill_diagonal(matrix, 0)
    dwell_s = np.array([0, *(stop.dwell_s for stop in problem.stops)])
    hours = [(stop.windows[0].opens_s, stop.windows[0].closes_s) if stop.windows else (zero, LATE_S + zero)
             for stop in problem.stops]  # fmt: skip
    opens_s = np.array([0, *(max(0, opens - zero) for opens, _ in hours)])
    closes_s = np.array([ends_s, *(min(closes - zero, ends_s) for _, closes in hours)])
    return Asked(problem, walk_s, length_dm, dwell_s, opens_s, np.minimum(closes_s, LATE_S), ends_s)


def ours(problem: Problem, limit_s: float) -> Answer:
    """Ask this project's planner."""
    plan = solve(problem, limit_s=limit_s)
    return Answer(tuple(int(stop) for stop in plan.order), bool(plan.is_proved), float(plan.bound))


def pyvrp(problem: Problem, limit_s: float) -> Answer:
    """Ask PyVRP: a genetic and local search, which proves nothing."""
    import pyvrp as lib  # noqa: PLC0415  each in a process of its own

    ask = asked(problem)
    clients = [
        lib.Client(
            node,
            service_duration=int(ask.dwell_s[node]),
            tw_early=int(ask.opens_s[node]),
            tw_late=int(ask.closes_s[node] - ask.dwell_s[node]),
            prize=ask.value(node),
            required=ask.is_needed(node),
        )
        for node in range(1, ask.n)
        if ask.opens_s[node] <= ask.closes_s[node] - ask.dwell_s[node]  # it refuses hours nobody can keep
    ]
    walker = lib.VehicleType(
        1,
        tw_late=ask.ends_s,
        unit_distance_cost=int(ask.is_walking),
        unit_duration_cost=int(not ask.is_walking),
    )
    data = lib.ProblemData(
        [lib.Location(0, 0)] * ask.n, clients, [lib.Depot(0)], [walker], [ask.length_dm], [ask.walk_s]
    )
    result = lib.solve(data, lib.stop.MaxRuntime(limit_s), seed=1, display=False)
    if not result.is_feasible():
        return Answer(())
    visits = [one for route in result.best.routes() for one in route.schedule() if one.is_client()]
    return Answer(tuple(clients[one.idx].location - 1 for one in visits))


def vroom(problem: Problem, limit_s: float) -> Answer:
    """Ask VROOM: a quick heuristic for the least travel; it does not count waiting."""
    import vroom as lib  # noqa: PLC0415

    ask = asked(problem)
    given = lib.Input()
    cost = ask.length_dm if ask.is_walking else ask.walk_s
    given.set_durations_matrix("car", ask.walk_s.astype(np.uint32))
    given.set_costs_matrix("car", cost.astype(np.uint32))
    given.add_vehicle(lib.Vehicle(1, start=0, end=0, time_window=(0, ask.ends_s)))
    highest = max((ask.value(node) for node in range(1, ask.n)), default=0) or 1
    for node in range(1, ask.n):
        begins = [int(ask.opens_s[node]), int(max(ask.opens_s[node], ask.closes_s[node] - ask.dwell_s[node]))]
        priority = 100 if ask.is_needed(node) else round(90 * ask.value(node) / highest)
        given.add_job(
            lib.Job(
                node,
                location=node,
                default_service=int(ask.dwell_s[node]),
                priority=priority,
                time_windows=[lib.TimeWindow(*begins)],
            )
        )
    solution = given.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=limit_s))
    routes = solution.routes
    return Answer(tuple(int(node) - 1 for node in routes[routes["type"] == "job"]["id"]))


def routing(problem: Problem, limit_s: float) -> Answer:
    """Ask OR-Tools' routing: guided local search from an empty tour, every visit optional at a high price."""
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2  # noqa: PLC0415

    ask = asked(problem)
    manager = pywrapcp.RoutingIndexManager(ask.n, 1, 0)
    model = pywrapcp.RoutingModel(manager)
    time_of = model.RegisterTransitMatrix((ask.walk_s + ask.dwell_s[:, None]).tolist())
    model.AddDimension(time_of, LATE_S, 2 * FAR, False, "time")
    times = model.GetDimensionOrDie("time")
    if ask.is_walking:
        model.SetArcCostEvaluatorOfAllVehicles(model.RegisterTransitMatrix(ask.length_dm.tolist()))
    else:
        times.SetSpanCostCoefficientForAllVehicles(1)
    for node in range(1, ask.n):
        index = manager.NodeToIndex(node)
        begin, end = int(ask.opens_s[node]), int(ask.closes_s[node] - ask.dwell_s[node])
        times.CumulVar(index).SetRange(begin, max(begin, end))
        model.AddDisjunction([index], MUST if ask.is_needed(node) else ask.value(node))
    times.CumulVar(model.End(0)).SetRange(0, ask.ends_s)
    for at in (model.Start(0), model.End(0)):
        model.AddVariableMinimizedByFinalizer(times.CumulVar(at))
    how = pywrapcp.DefaultRoutingSearchParameters()
    how.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.ALL_UNPERFORMED
    how.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    how.time_limit.FromMilliseconds(math.ceil(limit_s * 1000))
    found = model.SolveWithParameters(how)
    order, index = [], model.Start(0)
    while found is not None and not model.IsEnd(index):
        order.append(manager.IndexToNode(index) - 1)
        index = found.Value(model.NextVar(index))
    return Answer(tuple(order[1:]))


def cp_sat(problem: Problem, limit_s: float) -> Answer:
    """Ask OR-Tools' CP-SAT: a circuit with times, which proves; one worker, as all the others."""
    from ortools.sat.python import cp_model  # noqa: PLC0415

    ask = asked(problem)
    model = cp_model.CpModel()
    nodes = range(ask.n)
    at = [
        model.new_int_var(int(ask.opens_s[i]), int(max(ask.opens_s[i], ask.closes_s[i] - ask.dwell_s[i])), "")
        for i in nodes
    ]
    start, end = at[0], model.new_int_var(0, ask.ends_s, "")
    arcs: list[tuple[int, int, Any]] = []
    for i in nodes:
        for j in nodes:
            if i == j and i > 0 and not ask.is_needed(i):
                arcs.append((i, i, model.new_bool_var("")))
            elif i != j and ask.walk_s[i, j] < FAR:
                arc = model.new_bool_var("")
                arcs.append((i, j, arc))
                after = at[i] + int(ask.dwell_s[i] + ask.walk_s[i, j])
                model.add((end if j == 0 else at[j]) >= after).only_enforce_if(arc)
    model.add_circuit(arcs)
    if ask.is_walking:
        model.minimize(sum(int(ask.length_dm[i, j]) * arc for i, j, arc in arcs if i != j))
    elif problem.objective == Objective.DURATION:
        model.minimize(end - start)
    else:
        model.maximize(sum((1 - arc) * ask.value(i) for i, j, arc in arcs if i == j))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = limit_s
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    if status not in {cp_model.OPTIMAL, cp_model.FEASIBLE}:
        return Answer((), status == cp_model.INFEASIBLE)
    following = {i: j for i, j, arc in arcs if i != j and solver.boolean_value(arc)}
    order, here = [], following[0]
    while here != 0:
        order.append(here - 1)
        here = following[here]
    scale = {Objective.WALKING: PER_M, Objective.DURATION: 1, Objective.VALUE: PER_VALUE}[problem.objective]
    return Answer(tuple(order), status == cp_model.OPTIMAL, solver.best_objective_bound / scale)


SOLVERS: dict[str, Callable[[Problem, float], Answer]] = {
    "this planner": ours,
    "PyVRP": pyvrp,
    "VROOM": vroom,
    "OR-Tools routing": routing,
    "CP-SAT": cp_sat,
}
PROVING = ("this planner", "CP-SAT")


def timed(solver: str, problem: Problem, limit_s: float) -> tuple[Answer, float]:
    """Return an answer and the seconds it took."""
    started = time.perf_counter()
    answer = SOLVERS[solver](problem, limit_s)
    return answer, time.perf_counter() - started
