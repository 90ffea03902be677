"""Kinds of arrays, and records of arrays of one length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Positions = npt.NDArray[np.int32]
Codes = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]
Records = npt.NDArray[np.void]
# One of them; what is in its fields only numpy and the compiler know.
Record = Any
Geometries = npt.NDArray[np.object_]


@dataclass(frozen=True)
class RowArrays:
    """Arrays of one length, taken together row by row."""

    def take(self, chosen: Any) -> Self:
        """Return the rows picked by a mask, an index array or a slice."""
        return replace(self, **{name: array[chosen] for name, array in self._arrays().items()})

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        return {name: value for name, value in vars(self).items() if isinstance(value, np.ndarray)}

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the rows of one or more `parts`, one after the other."""
        names = parts[0]._arrays()
        return replace(parts[0], **{n: np.concatenate([getattr(p, n) for p in parts]) for n in names})
