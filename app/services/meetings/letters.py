"""What letters, labels and merged lists say of a meeting's invitations; in German, as they are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from app.db.companies.companies import companies_on
from app.db.meetings.invited import invitations_of
from app.domain.localizer import localizer_for
from app.domain.meetings import Channel
from app.domain.period import PARK_ZONE
from app.exchange.meetings.letters import Letter
from app.exchange.meetings.merge_fields import MergeRow
from app.services.meetings.inviting import Row
from app.services.meetings.mailing import reason_sentence

_GERMAN = localizer_for("de")
_CHANNELS = {Channel.MAIL: "Mail", Channel.LETTER: "Brief", Channel.PHONE: "Telefon"}
_MOST_LINES = 6
_FACTS = {"tag": "Tag", "uhrzeit": "Uhrzeit", "ort": "Ort", "gastgeber": "Gastgeber"}

# From a meeting's invitation to the link of its answer.
LinkOf = Callable[[RowMapping], str]


def letter_invitations(connection: Connection, meeting: RowMapping) -> list[RowMapping]:
    """Return the invitations of a meeting that go by letter."""
    found = invitations_of(connection, meeting["meeting_id"])
    return [row for row in found if row["channel"] == Channel.LETTER]


def letters(connection: Connection, meeting: RowMapping, link_of: LinkOf) -> list[Letter]:
    """Return the letters of a meeting's invitations."""
    facts = when_and_where(meeting)
    return [
        Letter(
            address,
            f"Guten Tag {row['contact']}," if row["contact"] else "Guten Tag,",
            [
                f"wir laden Sie herzlich zum Treffen der Anlieger ein: „{meeting['title']}“.",
                reason_sentence(row["reason"]),
            ],
            facts,
            link_of(row),
        )
        for row, address in zip(
            letter_invitations(connection, meeting), addresses(connection, meeting), strict=True
        )
    ]


def addresses(connection: Connection, meeting: RowMapping) -> list[list[str]]:
    """Return the address of each letter, line by line.

    Where no letter address is recorded, it is that of the company's place: enough to bring it there.
    """
    companies = companies_on(connection, meeting["held_on"])
    found = []
    for row in letter_invitations(connection, meeting):
        name, contact, written = row["company"] or row["company_key"], row["contact"], row["address"]
        lines = [line.strip() for line in (written or "").splitlines() if line.strip()]
        if not lines:
            places = companies.loc[companies["company"] == row["company_key"]]
            lines = [
                f"{place.street} {place.house_number or ''}".strip()
                for place in places.itertuples(index=False)
                if isinstance(place.street, str)
            ][:1]
        head = [name] if name not in lines else []
        person = [contact] if contact and contact not in lines else []
        found.append([*head, *person, *lines][:_MOST_LINES])
    return found


def when_and_where(meeting: RowMapping) -> list[tuple[str, str]]:
    """Return day, time, place and host of a meeting."""
    starts_at, ends_at = meeting["starts_at"], meeting["ends_at"]
    facts = [("Tag", _GERMAN.day(meeting["held_on"]))]
    if starts_at is not None:
        until = "" if ends_at is None else f" bis {ends_at.astimezone(PARK_ZONE):%H:%M}"
        facts.append(("Uhrzeit", f"{starts_at.astimezone(PARK_ZONE):%H:%M}{until} Uhr"))
    facts += [("Ort", meeting["place"] or ""), ("Gastgeber", meeting["host_name"] or "")]
    return [(name, text) for name, text in facts if text]


def merge_rows(
    connection: Connection, meeting: RowMapping, rows: Sequence[Row], link_of: LinkOf
) -> list[MergeRow]:
    """Return a list of candidates with the fields that letters are merged from."""
    stored = {row["company_id"]: row for row in invitations_of(connection, meeting["meeting_id"])}
    facts = dict(when_and_where(meeting))
    merged = []
    for row in rows:
        one = row.candidate
        contact: Mapping[str, Any] = dict(row.contact or {})
        numbers = [number for number, _, _ in one.companies]
        invitation = next((stored[number] for number in numbers if number in stored), None)
        lines = str(contact.get("value", "")).splitlines() if row.channel == Channel.LETTER else []
        merged.append(
            MergeRow(
                one.name,
                gruppe=one.group or "",
                ansprechperson=contact.get("name") or "",
                funktion=contact.get("function") or "",
                einladung=_CHANNELS[row.channel],
                mail=contact["value"] if contact.get("kind") == Channel.MAIL else "",
                telefon=contact["value"] if contact.get("kind") == Channel.PHONE else "",
                **{f"anschrift_{n}": line for n, line in enumerate(lines[:4], 1)},
                grund=one.reason,
                grundstuecke=", ".join(one.plots),
                hinweise="; ".join((*one.notes, *row.why)),
                treffen=meeting["title"],
                **{field: facts.get(name, "") for field, name in _FACTS.items()},
                link="" if invitation is None else link_of(invitation),
                eingeladen="ja" if row.is_invited else "nein",
            )
        )
    return merged
