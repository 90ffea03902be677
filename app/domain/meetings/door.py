"""What phones at the door send and get: entries of a meeting's log as JSON, companies by their keys."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, Strict, model_validator

from app.domain.checked import Checked, Expected, Instant, checked, needed, wrong
from app.domain.meetings import EventActor, EventKind, Presence, PresenceBasis
from app.domain.meetings.participation import Event
from app.errors import N_

# What a phone keeps without a network is sent in parts.
MOST_ENTRIES = 200
LONGEST_NAME = 120
# Names a person's phone no more than a number does; "server" is taken.
_DEVICE = re.compile(r"phone-[0-9a-f]{8,32}")
_HIGHEST = 2**53 - 1
_SENTENCE = N_("Nothing was taken over; %(field)s: expected %(expected)s, found %(found)s.")
# What of an event's value a phone needs to show a company's part.
_SHOWN = {
    EventKind.INVITE: ("at", "via"),
    EventKind.ANSWER: ("answer", "heads"),
    EventKind.PRESENCE: ("presence", "basis"),
    EventKind.CLOSE: (),
    EventKind.NOTE: ("note",),
}


def _device(text: str) -> str:
    if not _DEVICE.fullmatch(text):
        raise ValueError(text)
    return text


def _known_id(text: Any) -> uuid.UUID:
    # As the phone writes it: upper case would be in another order there.
    found = uuid.UUID(text) if isinstance(text, str) else None
    if found is None or str(found) != text:
        raise ValueError(text)
    return found


def _name(text: str) -> str:
    plain = " ".join(text.split())
    if not plain or "\x00" in text:
        raise ValueError(text)
    return plain


_Id = Annotated[uuid.UUID, BeforeValidator(_known_id), Expected(N_("an id such as phones make"))]


class DoorEntry(Checked):
    """One entry of a phone: a company is there, a firm nobody knows came, or one of these is taken back."""

    expected = N_("an entry of the door")

    event_id: _Id = needed()
    kind: Annotated[
        Literal[EventKind.PRESENCE, EventKind.NOTE], Expected(N_("the kind presence or note"))
    ] = needed()
    company: Annotated[str | None, Expected(N_("a company's key"))] = None
    note: Annotated[
        Annotated[str, Strict(), Field(max_length=LONGEST_NAME), AfterValidator(_name)] | None,
        Expected(N_("a name of up to 120 characters")),
    ] = None
    of: _Id | None = None
    counter: Annotated[int, Strict(), Field(ge=1, le=_HIGHEST), Expected(N_("a count from 1 on"))] = needed()
    device: Annotated[
        str, Strict(), AfterValidator(_device), Expected(N_("a phone such as phone-0a1b2c3d"))
    ] = needed()
    client_time: Instant | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.kind == EventKind.PRESENCE) != (self.company is not None):
            raise wrong(N_("a company where one is there, and none where nobody knows it"), "company")
        if (self.kind == EventKind.NOTE and self.of is None) != (self.note is not None):
            raise wrong(N_("a name where a firm is new, and none elsewhere"), "note")
        return self

    @property
    def value(self) -> dict[str, Any]:
        """What the log holds of it; what takes back holds nothing."""
        if self.of is not None:
            return {}
        if self.kind == EventKind.NOTE:
            return {"note": self.note}
        return {"presence": Presence.PRESENT, "basis": PresenceBasis.DOOR}


class DoorReport(Checked):
    """What a phone sends at once, and the state of the log that it knows."""

    expected = N_("an object with entries")

    entries: Annotated[list[DoorEntry], Field(max_length=MOST_ENTRIES)] = needed()
    state: Annotated[str, Strict(), Field(max_length=64), Expected(N_("a state of the log"))] | None = None


@dataclass(frozen=True)
class DoorCompany:
    """A company that may be searched at the door."""

    company_id: int
    key: str
    name: str


def read_report(given: Any) -> DoorReport:
    """Return what a phone sent.

    Raises
    ------
    FieldError
        Naming the first field that is wrong.
    """
    return checked(DoorReport, given, _SENTENCE)


def event_of(entry: DoorEntry, company_id: int | None) -> Event:
    """Return an entry as an event of the log."""
    kind = EventKind(entry.kind)
    return Event(
        entry.event_id, company_id, kind, entry.counter, entry.device, EventActor.DOOR, entry.value,
        entry.of, entry.client_time,
    )  # fmt: skip


def shown_events(events: Sequence[Event], keys: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return of a log what phones need: no note of an answer, and nothing that only the office said."""
    return [
        _shown(event, keys)
        for event in events
        if event.kind in _SHOWN
        and (event.kind != EventKind.NOTE or event.actor == EventActor.DOOR or event.of is not None)
        and (event.company_id is None or event.company_id in keys)
    ]


def _shown(event: Event, keys: Mapping[int, str]) -> dict[str, Any]:
    value = {name: event.value[name] for name in _SHOWN[event.kind] if event.value.get(name) is not None}
    return {
        "event_id": str(event.event_id),
        "company": None if event.company_id is None else keys[event.company_id],
        "kind": event.kind,
        "value": value,
        "of": None if event.of is None else str(event.of),
        "counter": event.counter,
        "device": event.device,
        "actor": event.actor,
        "client_time": _written(event.client_time),
    }


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
