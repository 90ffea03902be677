"""How the labels that were kept came about."""

from __future__ import annotations

from bisect import bisect_right

from app.analysis.tours.problem import Array


class Trail:
    """The choices behind the labels that were kept, by their number."""

    def __init__(self) -> None:
        self._layers: list[Array] = []
        self._begins = [0]

    def extend(self, labels: Array) -> int:
        """Add a layer; return the number of its first label."""
        self._layers.append(labels[["parent", "choice"]].copy())
        self._begins.append(self._begins[-1] + len(labels))
        return self._begins[-2]

    def choices(self, label: int) -> list[int]:
        """Return the choices that lead to a label."""
        choices = []
        while label >= 0:
            layer = bisect_right(self._begins, label) - 1
            label, choice = (int(one) for one in self._layers[layer][label - self._begins[layer]])
            choices.append(choice)
        return choices[::-1]
