"""The browser's fold of a meeting's log and the service's: the same logs, the same state."""

from __future__ import annotations

import json
import random
import subprocess
import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Any

from playwright._impl._driver import compute_driver_executable

from app.config import PROJECT_DIR
from app.domain.meetings import EventActor, EventKind
from app.domain.meetings.participation import Event, fold

COMPANIES = (1, 2, 3)
DEVICES = ("phone-a1", "phone-b2", "phone-B2", "server")
AT = "2026-05-01T10:00:00+00:00"
VALUES: dict[EventKind, list[dict[str, Any]]] = {
    EventKind.INVITE: [{"at": AT, "via": "mail"}, {"at": AT}, {}],
    EventKind.ANSWER: [
        {"answer": "accepted", "heads": 3, "via": "link", "sequence": 1},
        {"answer": "declined", "via": "staff", "note": "rief an"},
        {"answer": "none", "heads": 2, "via": "link"},
        {"answer": "maybe"},
    ],
    EventKind.PRESENCE: [
        {"presence": "present", "basis": "door"},
        {"presence": "absent", "basis": "list"},
        {"presence": "unknown"},
    ],
    EventKind.PART: [{"part": "host"}, {"part": "guest"}],
    EventKind.NOTE: [{"note": "Zelte Süd"}],
    EventKind.CLOSE: [{}],
}


def random_log(rng: random.Random) -> list[Event]:
    """Return a log in no order: equal counters, undone undoings, circles, ids that are in no log, doubles."""
    ids = [uuid.UUID(int=rng.getrandbits(128), version=4) for _ in range(rng.randrange(1, 25))]
    events = []
    for one in ids:
        kind = rng.choice(list(EventKind))
        company = None if kind in (EventKind.CLOSE, EventKind.NOTE) else rng.choice(COMPANIES)
        taken = rng.choice([*ids, uuid.UUID(int=1)]) if rng.random() < 0.4 else None
        counter, device = rng.randrange(1, 9), rng.choice(DEVICES)
        value = rng.choice(VALUES[kind])
        events.append(Event(one, company, kind, counter, device, EventActor.DOOR, value, taken))
    events += rng.sample(events, min(3, len(events)))
    rng.shuffle(events)
    return events


def as_json(event: Event) -> dict[str, Any]:
    row = {name: value for name, value in asdict(event).items() if name != "company_id"}
    own = {"event_id": str(event.event_id), "of": event.of and str(event.of)}
    return {**row, **own, "company": event.company_id and str(event.company_id)}


def expected(events: list[Event]) -> dict[str, Any]:
    found = {str(company): asdict(axes) for company, axes in fold(events).items()}
    text = json.dumps(
        found, default=lambda value: value.isoformat() if isinstance(value, datetime) else value
    )
    parsed: dict[str, Any] = json.loads(text)
    return parsed


def test_both_folds_make_the_same_of_a_thousand_logs() -> None:
    rng = random.Random(29)
    logs = [random_log(rng) for _ in range(1000)]
    done = subprocess.run(
        [compute_driver_executable()[0], "tests/js/fold_logs.js"],
        cwd=PROJECT_DIR, capture_output=True, check=True, timeout=120,
        input=json.dumps([[as_json(event) for event in log] for log in logs]).encode(),
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found == [expected(log) for log in logs]
    # The logs are no easy ones.
    assert sum(len(one) for one in found) > 1000
