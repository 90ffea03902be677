"""What is malformed is refused in one sentence before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from app.errors import N_, InputError

Array = np.ndarray[Any, Any]


def check_weights(weights: Array) -> int:
    """Refuse weights of pairs that are none, and return of how many things they are.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_weights([[0, 1], [2, 0]])
    Traceback (most recent call last):
    app.errors.InputError: The weight of the pair 0, 1 is not that of 1, 0.
    """
    matrix = np.asarray(weights, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise InputError(
            N_("The weights of pairs must have as many rows as columns; found %(shape)s."),
            shape=" × ".join(map(str, matrix.shape)),
        )
    for i, j in np.argwhere(~np.isfinite(matrix)):
        raise InputError(N_("The weight of the pair %(i)s, %(j)s is no number."), i=i, j=j)
    for i, j in np.argwhere(matrix != matrix.T):
        raise InputError(N_("The weight of the pair %(i)s, %(j)s is not that of %(j)s, %(i)s."), i=i, j=j)
    return len(matrix)


def check_companies(companies: Iterable[int], n: int) -> None:
    """Refuse the index of something that does not exist.

    Raises
    ------
    InputError

    Examples
    --------
    >>> check_companies([0, 7], 3)
    Traceback (most recent call last):
    app.errors.InputError: There is no number 7 among 3, counted from 0.
    """
    for company in companies:
        if not 0 <= company < n:
            raise InputError(N_("There is no number %(i)s among %(n)s, counted from 0."), i=company, n=n)
