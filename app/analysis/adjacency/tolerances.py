"""The four lengths that decide a relation."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import NamedTuple

from app.errors import N_, InputError

# Coordinates of millions of metres carry about a nanometre; a limit met exactly in decimal numbers
# (a street of 30.00 m) must not be lost to it.
EPSILON_M = 1e-6


class Lengths(NamedTuple):
    """The lengths of the definition as kernels take them, metres; `across_m` is 0 where nobody looks far."""

    snap_m: float
    across_m: float
    facing_m: float
    edge_m: float


@dataclass(frozen=True)
class Tolerances:
    """Lengths in metres that decide how two plots are neighbors.

    Parameters
    ----------
    snap_m : float
        Borders this near each other count as one border.
    across_m : float
        How far a border looks across a street.
    facing_m : float
        The least length over which plots across a street must see each other.
    edge_m : float
        The least length of a common border; anything shorter is a corner.

    Raises
    ------
    InputError
        When a length is not a positive number, or the lengths contradict each other:
        `edge_m` and `across_m` must be greater than `snap_m`.

    Examples
    --------
    >>> Tolerances(across_m=20.0).reach_m
    20.2
    """

    snap_m: float = 0.10
    across_m: float = 30.0
    facing_m: float = 10.0
    edge_m: float = 0.50

    def __post_init__(self) -> None:
        for name, length in asdict(self).items():
            if not (math.isfinite(length) and length > 0):
                raise InputError(
                    N_("%(name)s is %(length)s; expected a length in meters greater than 0."),
                    name=name,
                    length=length,
                )
            # Kernels are compiled for floats: for whole numbers they would be compiled anew.
            object.__setattr__(self, name, float(length))
        for name in ("edge_m", "across_m"):
            self._check_above_snap(name)

    @property
    def reach_m(self) -> float:
        """How far, in metres, anything can be and still matter to the relation of a plot with another.

        A border sees `across_m` far; what covers a border it looks at may stand `snap_m` behind that.
        """
        return self.across_m + 2 * self.snap_m

    @property
    def lengths(self) -> Lengths:
        """The lengths as kernels take them."""
        return Lengths(self.snap_m, self.across_m, self.facing_m, self.edge_m)

    def _check_above_snap(self, name: str) -> None:
        if getattr(self, name) <= self.snap_m:
            raise InputError(
                N_("%(name)s is %(length)s m; expected more than snap_m (%(snap_m)s m)."),
                name=name,
                length=getattr(self, name),
                snap_m=self.snap_m,
            )
