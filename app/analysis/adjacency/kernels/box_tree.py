"""Which boxes meet a box: a tree over boxes that lie near each other in their order already."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.analysis.adjacency.kernels.arrays import Floats, Ints
from app.analysis.machine_code import compiled

FAN_OUT = 8
# Nodes that wait while the tree is searched, two numbers each: at most FAN_OUT a level, 20 levels hold any
# number of boxes.
STACK_SIZE = 2 * 20 * FAN_OUT


class Tree(NamedTuple):
    """Boxes (left, bottom, right, top) level after level; the node n of a level holds 8n to 8n+7 below it.

    `level` says where each level starts in `box`, the items first.
    """

    box: Floats
    level: Ints


def tree_of(boxes: Floats) -> Tree:
    """Return the tree over `boxes`, (n, 4), that should lie near each other in their order."""
    counts = [len(boxes)]
    while counts[-1] > 1 or len(counts) == 1:
        counts.append(-(-counts[-1] // FAN_OUT))
    level = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    box = np.empty((level[-1], 4))
    box[: len(boxes)] = boxes
    _fill(box, level)
    return Tree(box, level)


@compiled
def _fill(box: Floats, level: Ints) -> None:
    """Compute the boxes of the upper levels from those of the lowest."""
    for above in range(1, len(level) - 1):
        below = level[above - 1]
        for node in range(level[above + 1] - level[above]):
            first, last = below + node * FAN_OUT, min(below + (node + 1) * FAN_OUT, level[above])
            around = box[level[above] + node]
            around[0], around[1], around[2], around[3] = np.inf, np.inf, -np.inf, -np.inf
            for child in range(first, last):
                around[0] = min(around[0], box[child, 0])
                around[1] = min(around[1], box[child, 1])
                around[2] = max(around[2], box[child, 2])
                around[3] = max(around[3], box[child, 3])


@compiled
def outside_m(box: Floats, left: float, bottom: float, right: float, top: float) -> float:
    """Return how far a box lies beside another along an axis, 0 or less where they meet."""
    # One number instead of four questions: which of them fails cannot be foretold.
    beside_x, beside_y = max(box[0] - right, left - box[2]), max(box[1] - top, bottom - box[3])
    return max(beside_x, beside_y)


@compiled
def find_meeting(
    tree: Tree, left: float, bottom: float, right: float, top: float, stack: Ints, found: Ints
) -> int:
    """Write the positions of the items whose boxes meet a box into `found`, return how many."""
    box, level = tree.box, tree.level
    if level[1] == 0:
        return 0
    n_found, depth = 0, 1
    # A node is named by its number within its level, and by its level.
    stack[0], stack[1] = 0, len(level) - 2
    while depth:
        depth -= 1
        number, below = stack[2 * depth], stack[2 * depth + 1] - 1
        start = level[below]
        for child in range(number * FAN_OUT, min((number + 1) * FAN_OUT, level[below + 1] - start)):
            beside = outside_m(box[start + child], left, bottom, right, top)
            # Written in any case and kept where it is due: which box is met cannot be foretold.
            if below == 0:
                found[n_found] = child
                n_found += beside <= 0
            else:
                stack[2 * depth], stack[2 * depth + 1] = child, below
                depth += beside <= 0
    return n_found


@compiled
def find_holding(
    tree: Tree, left: float, bottom: float, right: float, top: float, stack: Ints, found: Ints
) -> int:
    """Write the positions of the items whose boxes hold all of a box into `found`, return how many."""
    # To hold a box is to meet it turned inside out.
    return find_meeting(tree, right, top, left, bottom, stack, found)
