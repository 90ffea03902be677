"""The heaviest k-subgraph as an integer program, for graphs too wide for tables and for further cuts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

Array = np.ndarray[Any, Any]

# What scipy's milp says when it has proved that there is nothing.
INFEASIBLE = 2


@dataclass(frozen=True)
class CoverCut:
    """Of these vertices, weighted, at most so much."""

    vertices: tuple[int, ...]
    weights: tuple[float, ...]
    most: float


@dataclass(frozen=True)
class Found:
    """The solver's answer.

    Attributes
    ----------
    chosen : tuple of int or None
        None: none was found.
    bound : float
        Nothing weighs more; -inf where it is proven that nothing can be chosen.
    """

    chosen: tuple[int, ...] | None
    bound: float


def solve_model(
    weights: Array,
    own: Array,
    k: int,
    is_in: Array,
    is_required: Array,
    cuts: Sequence[CoverCut] = (),
    *,
    limit_s: float,
) -> Found:
    """Return the heaviest choice of `k` vertices that keeps all cuts, as far as HiGHS finds it in time.

    Notes
    -----
    A variable y of an edge is at most that of each end; those around a vertex are together at most k - 1
    times its own (star cuts), without which the relaxation is worth many times the optimum.

    Examples
    --------
    >>> import numpy as np
    >>> weights = np.array([[0.0, 3.0, 0.0], [3.0, 0.0, 4.0], [0.0, 4.0, 0.0]])
    >>> anyone = np.ones(3, dtype=bool)
    >>> solve_model(weights, np.zeros(3), 2, anyone, ~anyone, [CoverCut((1, 2), (1, 1), 1)], limit_s=60)
    Found(chosen=(0, 1), bound=3.0)
    """
    if limit_s <= 0:
        return Found(None, np.inf)
    n = len(own)
    start, end = np.nonzero(np.triu(weights, 1) * np.outer(is_in, is_in))
    worth = weights[start, end]
    rows = _edge_rows(start, end, worth, n, k)
    rows += [(np.arange(n), np.ones(n), k, k)]
    rows += [(np.array(cut.vertices), np.array(cut.weights, dtype=float), -np.inf, cut.most) for cut in cuts]
    n_variables = n + len(start)
    answer = milp(
        -np.concatenate([own, worth]),
        integrality=np.concatenate([np.ones(n), np.zeros(len(start))]),
        bounds=Bounds(
            np.concatenate([is_required.astype(float), np.zeros(len(start))]),
            np.concatenate([is_in.astype(float), np.ones(len(start))]),
        ),
        constraints=_constraints(rows, n_variables),
        options={"time_limit": limit_s, "mip_rel_gap": 0.0},
    )
    if answer.status == INFEASIBLE:
        return Found(None, -np.inf)
    bound = np.inf if answer.mip_dual_bound is None else -float(answer.mip_dual_bound)
    chosen = None if answer.x is None else tuple(np.flatnonzero(answer.x[:n] > 0.5).tolist())
    return Found(chosen, bound)


# Columns, coefficients, least and most of a row.
_Row = tuple[Array, Array, float, float]


def _edge_rows(start: Array, end: Array, worth: Array, n: int, k: int) -> list[_Row]:
    rows: list[_Row] = []
    for edge, (i, j, value) in enumerate(zip(start, end, worth, strict=True)):
        if value > 0:
            rows += [(np.array([n + edge, one]), np.array([1.0, -1.0]), -np.inf, 0.0) for one in (i, j)]
        else:
            rows.append((np.array([i, j, n + edge]), np.array([1.0, 1.0, -1.0]), -np.inf, 1.0))
    for vertex in range(n):
        around = n + np.flatnonzero(((start == vertex) | (end == vertex)) & (worth > 0))
        if len(around) >= k:
            rows.append((np.append(around, vertex), np.append(np.ones(len(around)), 1.0 - k), -np.inf, 0.0))
    return rows


def _constraints(rows: list[_Row], n_variables: int) -> LinearConstraint:
    line = np.concatenate([np.full(len(columns), i) for i, (columns, *_) in enumerate(rows)])
    columns = np.concatenate([row[0] for row in rows])
    values = np.concatenate([row[1] for row in rows])
    matrix = coo_array((values, (line, columns)), shape=(len(rows), n_variables)).tocsr()
    return LinearConstraint(matrix, [row[2] for row in rows], [row[3] for row in rows])
