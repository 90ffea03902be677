"""The fold of a meeting's log, against a second one that was written from the rules alone."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace
from typing import Any

import pytest

from app.domain.meetings import AttendanceKnown, EventActor, EventKind, Presence
from app.domain.meetings.participation import Event, attendance_known, fold

PRESENT, ABSENT = {"presence": "present", "basis": "door"}, {"presence": "absent"}


def event(n: int, kind: EventKind, value: dict[str, Any], **others: Any) -> Event:
    given = {"company_id": 1, "counter": n, "device": "a", "actor": EventActor.STAFF, **others}
    return Event(uuid.UUID(int=n), kind=kind, value=value, **given)


def invited(n: int, company: int = 1) -> Event:
    return event(n, EventKind.INVITE, {"at": "2027-03-01T09:00:00+01:00", "via": "mail"}, company_id=company)


def taking_back(n: int, other: Event) -> Event:
    return replace(other, event_id=uuid.UUID(int=n), counter=n, of=other.event_id, value={})


def test_two_doors_and_one_undo_leave_the_guest_present() -> None:
    one = event(1, EventKind.PRESENCE, PRESENT, device="door a")
    two = event(2, EventKind.PRESENCE, PRESENT, device="door b")
    assert fold([one, two, taking_back(3, one)])[1].presence == Presence.PRESENT
    assert 1 not in fold([one, taking_back(3, one)])


def test_what_took_back_can_be_taken_back() -> None:
    one = event(1, EventKind.PRESENCE, PRESENT)
    back = taking_back(2, one)
    assert fold([one, back, taking_back(3, back)])[1].presence == Presence.PRESENT


def test_unknown_is_not_absent_until_the_list_is_closed_and_that_can_be_taken_back() -> None:
    log = [invited(1), invited(2, 2), event(3, EventKind.PRESENCE, PRESENT, company_id=2)]
    walk_in = event(4, EventKind.PART, {"part": "guest"}, company_id=3)
    assert fold(log)[1].presence == Presence.UNKNOWN
    assert attendance_known(log) == AttendanceKnown.PARTIAL
    close = event(5, EventKind.CLOSE, {}, company_id=None)
    closed = fold([*log, walk_in, close])
    assert [closed[n].presence for n in (1, 2, 3)] == [Presence.ABSENT, Presence.PRESENT, Presence.UNKNOWN]
    assert attendance_known([*log, close]) == AttendanceKnown.COMPLETE
    opened = [*log, walk_in, close, taking_back(6, close)]
    assert fold(opened)[1].presence == Presence.UNKNOWN
    assert attendance_known(opened) == AttendanceKnown.PARTIAL


def test_who_comes_in_late_was_there() -> None:
    late = event(9, EventKind.PRESENCE, PRESENT)
    assert fold([invited(1), event(5, EventKind.CLOSE, {}, company_id=None), late])[1].presence == "present"


def test_an_answer_that_is_taken_to_nothing_has_no_heads() -> None:
    log = [event(1, EventKind.ANSWER, {"answer": "accepted", "heads": 3, "via": "link"})]
    assert fold(log)[1].heads == 3
    axes = fold([*log, event(2, EventKind.ANSWER, {"answer": "none"})])[1]
    assert (axes.answer, axes.heads, axes.answer_via) == ("none", None, None)


def plain_fold(log: list[Event]) -> dict[int, str]:
    """Return the presence of each company by the rules, said in another way."""
    known = {one.event_id: one for one in log}
    gone: set[uuid.UUID] = set()
    # What takes back is later than what it takes back: the last ones decide first.
    for one in sorted(known.values(), key=lambda each: each.order, reverse=True):
        if one.of is not None and one.event_id not in gone:
            gone.add(one.of)
    found: dict[int, str] = {}
    guests: set[int] = set()
    for one in sorted(known.values(), key=lambda each: each.order):
        if one.event_id in gone or one.of is not None:
            continue
        if one.kind == EventKind.INVITE and one.company_id:
            guests.add(one.company_id)
            found.setdefault(one.company_id, "unknown")
        elif one.kind == EventKind.PRESENCE and one.company_id:
            found[one.company_id] = one.value["presence"]
        elif one.kind == EventKind.CLOSE:
            found |= {each: "absent" for each in guests if found[each] == "unknown"}
    return found


@pytest.mark.parametrize("seed", range(200))
def test_order_of_arrival_and_doubling_are_of_no_matter(seed: int) -> None:
    chance = random.Random(seed)
    log: list[Event] = []
    for n in range(1, 30):
        company, device = chance.randrange(1, 5), chance.choice("abc")
        kind = chance.choice([EventKind.INVITE, EventKind.PRESENCE, EventKind.PRESENCE, EventKind.CLOSE])
        if log and chance.random() < 0.3:
            made = taking_back(n, chance.choice(log))
        elif kind == EventKind.INVITE:
            made = invited(n, company)
        elif kind == EventKind.CLOSE:
            made = event(n, kind, {}, company_id=None)
        else:
            made = event(n, kind, chance.choice([PRESENT, ABSENT]), company_id=company)
        log.append(replace(made, device=device, counter=max(1, n - chance.randrange(3) * (made.of is None))))
    expected = plain_fold(log)
    for _ in range(3):
        arrived = [*log, *chance.sample(log, 5)]
        chance.shuffle(arrived)
        assert {company: str(axes.presence) for company, axes in fold(arrived).items()} == expected
