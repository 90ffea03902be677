"""Which of many straight lines h(t) is the lowest where: the lower envelope."""

from __future__ import annotations

from app.analysis.adjacency.kernels.arrays import Floats, Ints, Record, Records
from app.analysis.adjacency.kernels.buffers import Slots, Strip, slot_for
from app.analysis.adjacency.kernels.segment_frame import NOTHING_M
from app.analysis.adjacency.tolerances import EPSILON_M
from app.analysis.machine_code import compiled


@compiled
def add_first_seen(strip: Strip, slots: Slots, plot: int, n_lines: int, n_slots: int) -> int:
    """Add to each plot's slot the length over which its line is the lowest; return how many slots there are.

    Between two neighboring ends of lines all lines run through; the line that is lowest at both ends is
    lowest all along. Where the lowest differ they cross, the interval is cut there and asked again. What
    `plot` sees of itself is left out.
    """
    if n_lines == 0:
        return n_slots
    lines, active, cuts = strip.lines, strip.active, strip.cuts
    if n_lines == 1:
        return _add_seen(slots, plot, lines[0], lines[0]["t1"] - lines[0]["t0"], n_slots)
    _sort_lines(lines, n_lines)
    n_cuts = _note_cuts(lines, n_lines, cuts)
    n_active, n_begun = 0, 0
    for nth in range(n_cuts - 1):
        middle = (cuts[nth] + cuts[nth + 1]) / 2
        n_active = _keep_active(lines, active, n_active, middle)
        while n_begun < n_lines and lines[n_begun]["t0"] < middle:
            if lines[n_begun]["t1"] > middle:
                active[n_active] = n_begun
                n_active += 1
            n_begun += 1
        if n_active:
            n_slots = _add_lowest(strip, slots, plot, n_active, cuts[nth], cuts[nth + 1], n_slots)
    return n_slots


@compiled
def _sort_lines(lines: Records, n_lines: int) -> None:
    """Sort lines by start, so that what is summed does not depend on how they were found."""
    for nth in range(1, n_lines):
        at = nth
        lines[n_lines] = lines[nth]
        while at and _is_before(lines[n_lines], lines[at - 1]):
            lines[at] = lines[at - 1]
            at -= 1
        lines[at] = lines[n_lines]


@compiled
def _is_before(a: Record, b: Record) -> bool:
    if a["t0"] != b["t0"]:
        return a["t0"] < b["t0"]
    if a["place"] != b["place"]:
        return a["place"] < b["place"]
    return a["t1"] < b["t1"] or (a["t1"] == b["t1"] and a["h0"] < b["h0"])


@compiled
def _note_cuts(lines: Records, n_lines: int, cuts: Floats) -> int:
    """Write where lines start and end, in order and each place once; return how many there are."""
    for nth in range(n_lines):
        _insert(cuts, 2 * nth, lines[nth]["t0"])
        _insert(cuts, 2 * nth + 1, lines[nth]["t1"])
    n_cuts, before = 0, -1.0
    for nth in range(2 * n_lines):
        cut = cuts[nth]
        if nth == 0 or cut - before > NOTHING_M:
            cuts[n_cuts] = cut
            n_cuts += 1
        before = cut
    return n_cuts


@compiled
def _insert(numbers: Floats, n_numbers: int, number: float) -> None:
    """Insert a number into a sorted row."""
    at = n_numbers
    while at and numbers[at - 1] > number:
        numbers[at] = numbers[at - 1]
        at -= 1
    numbers[at] = number


@compiled
def _keep_active(lines: Records, active: Ints, n_active: int, t: float) -> int:
    """Drop the lines that have ended before t; return how many are left."""
    n_kept = 0
    for nth in range(n_active):
        if lines[active[nth]]["t1"] > t:
            active[n_kept] = active[nth]
            n_kept += 1
    return n_kept


@compiled
def _add_lowest(
    strip: Strip, slots: Slots, plot: int, n_active: int, t0: float, t1: float, n_slots: int
) -> int:
    """Add an interval that all active lines run through to the slots of the lowest."""
    lines, active, rest = strip.lines, strip.active, strip.rest
    rest[0], depth = t1, 1
    while depth:
        t1 = rest[depth - 1]
        first = active[0]
        if n_active > 1:
            first, last = _lowest(lines, active, n_active, t0, t1), _lowest(lines, active, n_active, t1, t0)
            cut = _crossing(lines[first], lines[last])
            if t0 + EPSILON_M < cut < t1 - EPSILON_M and depth < len(rest):
                rest[depth] = cut
                depth += 1
                continue
            # Lines that meet at an end, where rounding lets a steep one seem lowest, differ in the middle.
            middle = (t0 + t1) / 2
            if _height(lines[last], middle) < _height(lines[first], middle) - NOTHING_M:
                first = last
        n_slots = _add_seen(slots, plot, lines[first], t1 - t0, n_slots)
        t0, depth = t1, depth - 1
    return n_slots


@compiled
def _add_seen(slots: Slots, plot: int, line: Record, length_m: float, n_slots: int) -> int:
    """Add a length to the slot of the plot of a line unless it is `plot`; return how many slots there are."""
    if line["plot"] != plot:
        slot = slot_for(slots, n_slots, line["plot"])
        n_slots = max(n_slots, slot + 1)
        slots.rows[slot]["facing_m"] += length_m
    return n_slots


@compiled
def _lowest(lines: Records, active: Ints, n_active: int, at: float, then: float) -> int:
    """Return the line that is lowest at `at`; among equal ones at `then`; then of the first plot.

    Heights that differ by rounding only are equal, or two copies of one plot would share a view by chance.
    """
    best, best_h, best_then = -1, 0.0, 0.0
    for nth in range(n_active):
        line = active[nth]
        h = _height(lines[line], at)
        if best >= 0 and h > best_h + NOTHING_M:
            continue
        after = _height(lines[line], then)
        if (
            best < 0
            or h < best_h - NOTHING_M
            or after < best_then - NOTHING_M
            or (after <= best_then + NOTHING_M and lines[line]["place"] < lines[best]["place"])
        ):
            best, best_h, best_then = line, h, after
    return best


@compiled
def _height(line: Record, t: float) -> float:
    """Return h of a line at t."""
    share = (t - line["t0"]) / (line["t1"] - line["t0"])
    return line["h0"] + share * (line["h1"] - line["h0"])


@compiled
def _crossing(a: Record, b: Record) -> float:
    """Return the t where line a meets line b, -1 for parallel lines and a line with itself."""
    slope_a = (a["h1"] - a["h0"]) / (a["t1"] - a["t0"])
    slope_b = (b["h1"] - b["h0"]) / (b["t1"] - b["t0"])
    turn = slope_a - slope_b
    if turn == 0.0:
        return -1.0
    return ((b["h0"] - slope_b * b["t0"]) - (a["h0"] - slope_a * a["t0"])) / turn
