"""Smallest changes: minute by minute for all stops at once, or by halving for one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

from app.analysis.tours.asking import Asking, OutOfTimeError, standing
from app.analysis.tours.problem import Objective, Plan, Problem
from app.analysis.tours.reason_kinds import Reason, ReasonKind, applied, changed_by

# So many minutes are looked through for all stops at once, in stretches that get longer.
STRETCHES = (4, 8, 16, 30)
# How often a better tour without the stop may get in between before a change is given up.
_MOST_BARS = 12


@dataclass
class Scan:
    """The best tours of a problem while one of its limits is loosened minute by minute.

    Where the best tour is the same after few minutes and after many it is the same in between, for it can
    only get better: so most minutes need not be asked for.
    """

    problem: Problem
    plan: Plan
    kind: ReasonKind
    asking: Asking
    _known: dict[int, Plan] = field(default_factory=dict)

    def first_visits(self, wanted: set[int]) -> Iterator[Reason]:
        """Yield for each wanted stop, as soon as it is known, the first minute whose best tour visits it.

        What is found is taken out of `wanted`. Where time runs out, what is known to suffice is told.
        """
        self.asking.begin()
        try:
            for few, many in pairwise((0, *STRETCHES)):
                if wanted:
                    yield from self._between(few, many, wanted)
        except OutOfTimeError:
            for minutes in sorted(self._known):
                yield from self._taken(minutes, wanted, is_smallest=False)
            raise

    def _taken(self, minutes: int, wanted: set[int], *, is_smallest: bool) -> Iterator[Reason]:
        """Yield the wanted stops that the best tour of so many minutes visits, and take them out."""
        for stop in sorted(wanted & set(self._known[minutes].order)):
            wanted.remove(stop)
            yield Reason(stop, self.kind, float(minutes), is_smallest=is_smallest)

    def _between(self, few: int, many: int, wanted: set[int]) -> Iterator[Reason]:
        before, after = self._at(few), self._at(many)
        if _is_same(self.problem.objective, before, after) or not wanted:
            return
        if many - few > 1:
            middle = (few + many) // 2
            yield from self._between(few, middle, wanted)
            yield from self._between(middle, many, wanted)
            return
        yield from self._taken(many, wanted, is_smallest=self.asking.is_proved)

    def _at(self, minutes: int) -> Plan:
        if minutes == 0:
            return self.plan
        if minutes not in self._known:
            loosened = changed_by(self.problem, Reason(0, self.kind, float(minutes)))
            # What can be done within fewer minutes still can.
            bar = self._known.get(max((few for few in self._known if few < minutes), default=0), self.plan)
            best = self.asking.best(loosened, bar)
            if best is None or not best.is_proved:
                raise OutOfTimeError
            self._known[minutes] = best
        return self._known[minutes]


def _is_same(objective: Objective, before: Plan, after: Plan) -> bool:
    # The last measure is only when it starts.
    measures = [standing(objective, plan)[:-1] for plan in (before, after)]
    return measures[0] == measures[1] and before.order == after.order


def halved(problem: Problem, plan: Plan, most: Reason, asking: Asking) -> Iterator[Reason]:
    """Yield the reason with the smallest amount that lets its stop in, if `most` or less does.

    For changes that only tours with the stop gain from, and where the stop is asked for anyway: then more
    of the change never hurts.
    """
    asking.begin()

    def suffices(amount: int) -> bool:
        changed = changed_by(problem, replace(most, amount=float(amount)))
        if problem.objective == Objective.VALUE:
            return asking.does_let_in(changed, most.stop, plan)
        return asking.can_visit(changed, most.stop)

    least, highest = 1, int(most.amount)
    if highest < least or not suffices(highest):
        return
    try:
        while least < highest:
            middle = (least + highest) // 2
            least, highest = (least, middle) if suffices(middle) else (middle + 1, highest)
    except OutOfTimeError:
        yield replace(most, amount=float(highest), is_smallest=False)
        raise
    yield replace(most, amount=float(highest), is_smallest=asking.is_proved)


def climbed(problem: Problem, plan: Plan, most: Reason, asking: Asking, least: int = 1) -> Iterator[Reason]:
    """Yield the reason with the smallest amount from `least` up to `most` that lets its stop in, if any.

    With a growing change both the best tour with the stop and the best one without it get better. So the
    first amount at which the former reaches the best tour known is a lower bound for the answer; where a
    better tour without the stop turns up there, that one is the next to reach.
    """
    asking.begin()
    bar = plan
    for _ in range(_MOST_BARS):
        found = _first(problem, bar, most, least, asking)
        if found is None:
            return
        reason, with_it = found
        best = asking.best(applied(problem, reason), with_it)
        if best is None or not best.is_proved:
            return
        if most.stop in best.order:
            yield replace(reason, is_smallest=asking.is_proved)
            return
        bar = min(bar, best, key=lambda one: standing(problem.objective, one))
        least = int(reason.amount) + 1


def _first(
    problem: Problem, bar: Plan, most: Reason, least: int, asking: Asking
) -> tuple[Reason, Plan] | None:
    """Return the first amount from `least` on at which a tour with the stop is as good as `bar`, and it."""

    def reached(amount: int) -> Plan | None:
        changed = changed_by(problem, replace(most, amount=float(amount)))
        return asking.any_with(changed, most.stop, bar)

    highest = int(most.amount)
    if least > highest or (best := reached(highest)) is None:
        return None
    while least < highest:
        middle = (least + highest) // 2
        if (other := reached(middle)) is None:
            least = middle + 1
        else:
            highest, best = middle, other
    return replace(most, amount=float(highest)), best
