"""A company's part in a meeting: four axes, folded from what was said of it, in whatever order it arrived."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from app.domain.meetings import (
    Answer,
    AnswerVia,
    AttendanceKnown,
    EventActor,
    EventKind,
    InvitedVia,
    Part,
    Presence,
    PresenceBasis,
)


@dataclass(frozen=True)
class Event:
    """One entry of the log.

    Attributes
    ----------
    event_id : UUID
        Made by whoever says it: the same id said twice is one event.
    company_id : int or None
        None of what is said of the whole meeting (`EventKind.CLOSE`).
    kind : EventKind
    counter : int
        Higher than that of all events its maker had seen (Lamport); no clock decides on the order.
    device : str
        Who counts.
    actor : EventActor
    value : mapping
        INVITE: ``at`` (ISO 8601), ``via``; ANSWER: ``answer``, ``heads``, ``via``, ``note``, ``sequence``;
        PRESENCE: ``presence``, ``basis``; PART: ``part``; CLOSE: nothing; NOTE: ``note``. What is missing is
        not known. It names no person.
    of : UUID or None
        The event that this one takes back; its own value then says nothing.
    client_time : datetime or None
    staff_id : int or None
    """

    event_id: uuid.UUID
    company_id: int | None
    kind: EventKind
    counter: int
    device: str
    actor: EventActor
    value: Mapping[str, Any] = field(default_factory=dict)
    of: uuid.UUID | None = None
    client_time: datetime | None = None
    staff_id: int | None = None

    @property
    def order(self) -> tuple[int, str, uuid.UUID]:
        """By what events are in order."""
        return self.counter, self.device, self.event_id


@dataclass(frozen=True)
class Axes:
    """What is known of a company's part; see `app.db.models.Participation`."""

    invited_at: datetime | None = None
    invited_via: InvitedVia | None = None
    answer: Answer = Answer.NONE
    heads: int | None = None
    answer_via: AnswerVia | None = None
    answer_note: str | None = None
    answered_sequence: int | None = None
    presence: Presence = Presence.UNKNOWN
    presence_basis: PresenceBasis | None = None
    part: Part = Part.GUEST


def fold(events: Iterable[Event]) -> dict[int, Axes]:
    """Return what is known of each company that a meeting's log names, however it arrived."""
    found: dict[int, Axes] = defaultdict(Axes)
    for event in in_force(events):
        if event.kind == EventKind.CLOSE:
            found.update({company: _closed(axes) for company, axes in found.items()})
        elif event.company_id is not None:
            found[event.company_id] = _after(found[event.company_id], event)
    return dict(found)


def attendance_known(events: Iterable[Event]) -> AttendanceKnown:
    """Return of how many it is known whether they came: complete once the list is closed."""
    said = in_force(events)
    if any(event.kind == EventKind.CLOSE for event in said):
        return AttendanceKnown.COMPLETE
    is_some = any(axes.presence != Presence.UNKNOWN for axes in fold(said).values())
    return AttendanceKnown.PARTIAL if is_some else AttendanceKnown.NONE


def in_force(events: Iterable[Event]) -> list[Event]:
    """Return the events in order, each once, without those that are taken back and those that take back.

    What takes back can be taken back, too.
    """
    by_id = {event.event_id: event for event in events}
    takers: dict[uuid.UUID, list[Event]] = defaultdict(list)
    for event in by_id.values():
        if event.of is not None:
            takers[event.of].append(event)
    said = sorted(by_id.values(), key=lambda event: event.order)
    return [event for event in said if event.of is None and _stands(event, takers, ())]


def _stands(
    event: Event, takers: Mapping[uuid.UUID, Collection[Event]], above: tuple[uuid.UUID, ...]
) -> bool:
    # A circle, which only a broken device can make, takes nothing back.
    if event.event_id in above:
        return False
    path = (*above, event.event_id)
    return not any(_stands(taker, takers, path) for taker in takers.get(event.event_id, ()))


def _closed(axes: Axes) -> Axes:
    if axes.invited_at is None or axes.presence != Presence.UNKNOWN:
        return axes
    return replace(axes, presence=Presence.ABSENT, presence_basis=PresenceBasis.LIST)


def _after(axes: Axes, event: Event) -> Axes:
    value = event.value
    match event.kind:
        case EventKind.INVITE:
            at, via = value.get("at"), value.get("via")
            return replace(
                axes, invited_at=at and datetime.fromisoformat(at), invited_via=via and InvitedVia(via)
            )
        case EventKind.ANSWER:
            return _answered(axes, value)
        case EventKind.PRESENCE:
            basis = value.get("basis")
            return replace(
                axes, presence=Presence(value["presence"]), presence_basis=basis and PresenceBasis(basis)
            )
        case EventKind.PART:
            return replace(axes, part=Part(value["part"]))
    return axes


def _answered(axes: Axes, value: Mapping[str, Any]) -> Axes:
    answer, via = Answer(value["answer"]), value.get("via")
    is_none = answer == Answer.NONE
    return replace(
        axes,
        answer=answer,
        heads=None if is_none else value.get("heads"),
        answer_via=None if is_none or not via else AnswerVia(via),
        answer_note=value.get("note"),
        answered_sequence=value.get("sequence"),
    )
