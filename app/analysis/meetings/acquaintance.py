"""Who has met whom at meetings, and the neighborhood index: the weighted share of neighbors who have met.

In a gathering of n companies each talks to c others, so a pair of them meets with q = min(1, c / (n - 1));
at c = 1 that is Newman's weight of a collaboration (M. E. J. Newman, Scientific collaboration networks II,
2001). Over several gatherings P = 1 - product(1 - q); a statement by a person makes it 1. Attendance that is
not known is in no figure: it makes an interval, which holds whatever the truth is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# Companies to whom each talks in two hours.
TALKS = 6.0
# From this probability on two companies are said to have met.
MET = 0.5
FULL_LENGTH_M = 60.0
# How many invitations of the park's average stand beside a company's own when its come-rate is estimated.
PRIOR_INVITATIONS = 2.0


@dataclass(frozen=True)
class NeighborWeights:
    """How much a pair of neighbors counts, by relation; see `neighbor_weights`."""

    same_plot: float = 1.0
    overlap: float = 1.0
    edge: float = 1.0
    across: float = 0.6
    corner: float = 0.3
    full_length_m: float = FULL_LENGTH_M


@dataclass(frozen=True)
class Gathering:
    """Companies that were together at one place for a time: a meeting, or a group of it.

    Attributes
    ----------
    present : array of int64, shape (n_present,)
        Positions of those who are known to have been there.
    unknown : array of int64, shape (n_unknown,)
        Those who were invited and of whom nobody knows; all others were not there.
    """

    present: Ints
    unknown: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))


class Interval(NamedTuple):
    """What is certain of a figure, and between that what the come-rates make likely."""

    low: float
    likely: float
    high: float


class Probabilities(NamedTuple):
    """Probabilities that two companies have met, each a symmetric array of float64, shape (n, n)."""

    low: Floats
    likely: Floats
    high: Floats


def neighbor_weights(
    relations: Sequence[str], lengths_m: npt.ArrayLike, weights: NeighborWeights | None = None
) -> Floats:
    """Return how much each pair of neighbors counts.

    Parameters
    ----------
    relations : sequence of str
        ``same_plot``, ``overlap``, ``edge``, ``across`` or ``corner``.
    lengths_m : array_like of float, shape (n_pairs,)
        Length of the common or facing border in meters; nan where there is none.
    weights : NeighborWeights, optional

    Returns
    -------
    array of float64, shape (n_pairs,)
        Between half of the relation's weight and the whole of it, which a long border earns; companies on one
        plot have the whole. Empty without pairs.

    Examples
    --------
    >>> neighbor_weights(["edge", "edge", "across", "corner", "same_plot"], [60, 30, 15, 0, float("nan")])
    array([1.   , 0.75 , 0.375, 0.15 , 1.   ])
    """
    chosen = weights or NeighborWeights()
    of_relation = np.array([getattr(chosen, relation) for relation in relations], dtype=np.float64)
    is_shared = np.array([relation == "same_plot" for relation in relations], dtype=bool)
    lengths = np.nan_to_num(np.asarray(lengths_m, dtype=np.float64))
    share = np.where(is_shared, 1.0, np.minimum(1.0, lengths / chosen.full_length_m))
    return of_relation * (0.5 + 0.5 * share)


def come_rates(n_came: npt.ArrayLike, n_known: npt.ArrayLike, n_prior: float = PRIOR_INVITATIONS) -> Floats:
    """Return how likely each company comes when it is invited.

    Parameters
    ----------
    n_came, n_known : array_like of int, shape (n,)
        To how many meetings it came, of how many to which it was invited and of which that is known.
    n_prior : float
        Invitations at the average rate of all that are added to each company's own.

    Returns
    -------
    array of float64, shape (n,)
        Where nothing is known of anybody, a half.

    Examples
    --------
    >>> come_rates([2, 0, 0], [2, 2, 0]).tolist()
    [0.75, 0.25, 0.5]
    """
    came, known = np.asarray(n_came, dtype=np.float64), np.asarray(n_known, dtype=np.float64)
    average = came.sum() / known.sum() if known.sum() else 0.5
    return (came + n_prior * average) / (known + n_prior)


def met_probabilities(
    n: int,
    gatherings: Sequence[Gathering],
    *,
    talks: float = TALKS,
    rates: Floats | None = None,
    stated: Ints | None = None,
) -> Probabilities:
    """Return how probably each two companies have met.

    Parameters
    ----------
    n : int
        Companies; positions 0 to n - 1.
    gatherings : sequence of Gathering
    talks : float
        To how many others each talks in a gathering.
    rates : array of float64, shape (n,), optional
        How likely each comes; a half without it.
    stated : array of int64, shape (n_statements, 2), optional
        Pairs of whom a person said that they know each other.

    Returns
    -------
    Probabilities
        ``low`` and ``high`` hold whoever of the unknown came: that all came is no upper bound, as a larger
        gathering makes each conversation rarer. The diagonal is 0.

    Examples
    --------
    Eight people on a walk; a hall of eighty:

    >>> walk, hall = Gathering(np.arange(8)), Gathering(np.arange(80))
    >>> round(float(met_probabilities(8, [walk]).low[0, 1]), 2)
    0.86
    >>> round(float(met_probabilities(80, [hall]).low[0, 1]), 3)
    0.076
    """
    likely_rates = np.full(n, 0.5) if rates is None else rates
    # Logarithms of the probabilities that a pair has not met.
    missed = np.zeros((3, n, n))
    for gathering in gatherings:
        for total, (members, meets) in zip(missed, _meets(gathering, talks, likely_rates), strict=True):
            with np.errstate(divide="ignore"):
                total[np.ix_(members, members)] += np.log1p(-meets)
    met = 0.0 - np.expm1(missed)
    if stated is not None and len(stated):
        met[:, stated[:, 0], stated[:, 1]] = met[:, stated[:, 1], stated[:, 0]] = 1.0
    met[:, np.arange(n), np.arange(n)] = 0.0
    return Probabilities(*met)


def _meets(gathering: Gathering, talks: float, rates: Floats) -> list[tuple[Ints, Floats]]:
    """Return the members of a gathering and how probably each two of them met: low, likely, high."""
    present, unknown = gathering.present, gathering.unknown
    everybody = np.concatenate([present, unknown])
    is_unknown = np.arange(len(everybody)) >= len(present)
    # With both of a pair there, at least so many are: itself and all who are known.
    least = np.maximum(2, len(present) + is_unknown[:, None] + is_unknown[None, :])
    there = np.where(is_unknown, rates[everybody], 1.0)
    expected = there.sum() - there[:, None] - there[None, :] + 2.0
    likely = there[:, None] * there[None, :] * _chance(talks, expected)
    low = np.full((len(present), len(present)), _chance(talks, np.float64(max(2, len(everybody)))))
    return [(present, low), (everybody, likely), (everybody, _chance(talks, least.astype(np.float64)))]


def _chance(talks: float, size: Floats | np.float64) -> Floats:
    return np.asarray(np.minimum(1.0, talks / np.maximum(1.0, size - 1.0)))


def neighborhood_index(pairs: Ints, weights: Floats, met: Probabilities) -> Interval | None:
    """Return the weighted share of neighbors who have met.

    Parameters
    ----------
    pairs : array of int64, shape (n_pairs, 2)
        Neighbors on the day, by position.
    weights : array of float64, shape (n_pairs,)
        See `neighbor_weights`; ones for the plain share.
    met : Probabilities

    Returns
    -------
    Interval or None
        None where nobody has a neighbor.

    Examples
    --------
    >>> met = met_probabilities(3, [Gathering(np.array([0, 1]), np.array([2]))])
    >>> neighborhood_index(np.array([[0, 1], [1, 2]]), np.array([1.0, 1.0]), met)
    Interval(low=0.5, likely=0.75, high=1.0)
    """
    total = weights.sum()
    if not total:
        return None
    low, likely, high = (float((weights * each[pairs[:, 0], pairs[:, 1]]).sum() / total) for each in met)
    return Interval(low, min(max(likely, low), high), high)


class IndexChange(NamedTuple):
    """What made an index change: meetings and statements, or companies and borders that came and went."""

    by_meetings: Interval
    by_moves: Interval


def index_change(
    before: tuple[Ints, Floats, Probabilities], after: tuple[Ints, Floats, Probabilities]
) -> IndexChange | None:
    """Return how much of an index's change meetings made, and how much arrivals and departures did.

    Parameters
    ----------
    before, after : tuple
        `pairs`, `weights`, `met` of `neighborhood_index`, positions of the same companies.

    Returns
    -------
    IndexChange or None
        First the pairs change and then who has met, so that both parts add up to the whole; None where there
        are no neighbors on one of the days.

    Examples
    --------
    Two of three neighbors met; then the third one leaves:

    >>> pairs, ones = np.array([[0, 1], [1, 2]]), np.ones(2)
    >>> met = met_probabilities(3, [Gathering(np.array([0, 1]))])
    >>> index_change((pairs, ones, met), (pairs[:1], ones[:1], met)).by_moves.likely
    0.5
    """
    moved = neighborhood_index(after[0], after[1], before[2])
    first, last = neighborhood_index(*before), neighborhood_index(*after)
    if moved is None or first is None or last is None:
        return None
    return IndexChange(_difference(first=moved, last=last), _difference(first=first, last=moved))


def _difference(*, first: Interval, last: Interval) -> Interval:
    return Interval(*(round(b - a, 12) for a, b in zip(first, last, strict=True)))


def expected_new(weights: Floats, rates: Floats, met: Floats) -> float:
    """Return how much weight of neighbors is expected to meet anew when all are invited together.

    Parameters
    ----------
    weights : array of float64, shape (n, n)
        Symmetric; 0 where two are no neighbors.
    rates : array of float64, shape (n,)
    met : array of float64, shape (n, n)
        How probably each two have met already.

    Examples
    --------
    >>> weights = np.array([[0.0, 2.0], [2.0, 0.0]])
    >>> expected_new(weights, np.array([0.5, 1.0]), np.zeros((2, 2)))
    1.0
    """
    both = np.outer(rates, rates)
    return float((weights * both * (1.0 - met)).sum() / 2.0)
