"""Which boxes meet a box: a tree over boxes that lie near each other in their order already."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from app.analysis.adjacency.arrays import Floats, Ints
from app.analysis.adjacency.compiled import compiled

FAN_OUT = 8
# Nodes that wait while the tree is searched: at most FAN_OUT a level, 20 levels hold any number of boxes.
STACK_SIZE = 20 * FAN_OUT


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
            around[:] = box[first]
            for child in range(first + 1, last):
                around[0] = min(around[0], box[child, 0])
                around[1] = min(around[1], box[child, 1])
                around[2] = max(around[2], box[child, 2])
                around[3] = max(around[3], box[child, 3])


@compiled
def find_meeting(
    tree: Tree, left: float, bottom: float, right: float, top: float, stack: Ints, found: Ints
) -> int:
    """Write the positions of the items whose boxes meet a box into `found`, return how many."""
    box, level = tree.box, tree.level
    n_found, depth = 0, 0
    if level[1] == 0:
        return 0
    stack[0], depth = level[-2], 1
    while depth:
        depth -= 1
        node = stack[depth]
        above = 1
        while level[above + 1] <= node:
            above += 1
        first = level[above - 1] + (node - level[above]) * FAN_OUT
        for child in range(first, min(first + FAN_OUT, level[above])):
            if box[child, 0] > right or box[child, 2] < left or box[child, 1] > top or box[child, 3] < bottom:
                continue
            if above == 1:
                found[n_found] = child
                n_found += 1
            else:
                stack[depth] = child
                depth += 1
    return n_found


@compiled
def find_holding(
    tree: Tree, left: float, bottom: float, right: float, top: float, stack: Ints, found: Ints
) -> int:
    """Write the positions of the items whose boxes hold all of a box into `found`, return how many."""
    # To hold a box is to meet it turned inside out.
    return find_meeting(tree, right, top, left, bottom, stack, found)
