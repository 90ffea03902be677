"""Pairs of people who edit at once: both open their form before either saves.

What a person was told to be saved must be stored on the day of the save; only who was asked, and chose, may
write over what the other one has saved. Each pair is undone before the next one.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from typing import Any

from flask import Flask
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from app.db.changes import Change
from app.domain.kinds import BusinessCase
from app.services.companies.undoing import undo
from benchmarks.form_client import FormClient, fields_of

_OF_COMPANY = ("name", "group_name", "sector", "website")
_OF_PLACE = ("street", "house_number", "note")
_MOST_QUESTIONS = 3
_CHOICES = ("theirs", "mine", "before")
_STORED = {
    "company_version": """
        SELECT to_jsonb(v) FROM company_version v JOIN company USING (company_id)
        WHERE key = :key AND valid @> CAST(:day AS date)""",
    "occupancy": "SELECT to_jsonb(o) FROM occupancy o WHERE key = :key AND valid @> CAST(:day AS date)",
}


class LostEditError(Exception):
    """Something that was saved is not stored, and nobody has chosen so."""


@dataclass
class Edit:
    """What a person does: in which form, on which day, with which values; `asked` of which of them."""

    address: str
    table: str
    key: str
    day: date
    values: Mapping[str, str]
    form: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    is_saved: bool = False


def run_pairs(app: Flask, people: tuple[FormClient, FormClient], n: int, seed: int = 0) -> Counter[str]:
    """Let so many random pairs edit at once; return how often what came of it.

    Raises
    ------
    LostEditError
        When an edit that was accepted is lost.
    """
    chance, tally = random.Random(seed), Counter[str]()  # noqa: S311  the same each time
    engine: Engine = app.extensions["engine"]
    places = _places(engine)
    for _ in range(n):
        before = _last(engine)
        edits = [_random_edit(chance, places, who) for who in range(2)]
        for person, edit in zip(people, edits, strict=True):
            edit.form = person.opened(edit.address) | dict(edit.values) | {"step": "preview"}
            edit.form |= {"day": edit.day.isoformat()}
        # Both have seen what follows before either saves; who comes first is chance.
        for person, edit in zip(people, edits, strict=True):
            edit.form = fields_of(_expect_page(person.send(edit.address, edit.form)))
        for place in chance.sample(range(2), 2):
            _save(chance, people[place], edits[place])
            _check(engine, edits)
        _note(tally, edits)
        _take_back(engine, before)
    return tally


def _note(tally: Counter[str], edits: list[Edit]) -> None:
    is_one = len({edit.address.split("/")[2] for edit in edits}) == 1
    is_asked = any(edit.asked for edit in edits)
    tally["pairs"] += 1
    tally["saved without a question"] += not is_asked
    tally["of one company"] += is_one
    tally["of one company saved without a question"] += is_one and not is_asked
    tally["edits saved"] += sum(edit.is_saved for edit in edits)


def _places(engine: Engine) -> list[tuple[str, str]]:
    query = """
        SELECT company.key, occupancy.key FROM occupancy JOIN company USING (company_id)
        WHERE valid @> current_date ORDER BY 1, 2
    """
    with engine.connect() as held:
        return [(company, place) for company, place in held.execute(text(query))]


def _last(engine: Engine) -> int:
    with engine.connect() as held:
        return int(held.execute(text("SELECT coalesce(max(change_set_id), 0) FROM change_set")).scalar_one())


def _random_edit(chance: random.Random, places: list[tuple[str, str]], who: int) -> Edit:
    company, place = chance.choice(places)
    is_place, intent = chance.random() < 0.4, chance.choice(("correct", "change"))
    names = chance.sample(_OF_PLACE if is_place else _OF_COMPANY, chance.choice((1, 1, 2)))
    values = {name: f"{name} {who} {chance.randrange(10**6)}" for name in names}
    if "website" in values:
        values["website"] = f"https://{values['website'].replace(' ', '.')}.example/"
    day = date(2027, chance.randrange(1, 13), 1) if intent == "change" else date.today()  # noqa: DTZ011
    if is_place:
        return Edit(f"/companies/{company}/places/{place}/address/{intent}", "occupancy", place, day, values)
    return Edit(f"/companies/{company}/attributes/{intent}", "company_version", company, day, values)


def _expect_page(answer: TestResponse) -> TestResponse:
    if answer.status_code != HTTPStatus.OK:
        raise LostEditError(f"{answer.status_code} instead of a page: {answer.get_data(as_text=True)[:2000]}")
    return answer


def _save(chance: random.Random, person: FormClient, edit: Edit) -> None:
    """Save; where a question is asked, choose by chance, look and save again."""
    answer, n_left = person.send(edit.address, edit.form | {"step": "save"}), _MOST_QUESTIONS
    while answer.status_code != HTTPStatus.FOUND:
        if not (n_left := n_left - 1):
            raise LostEditError(f"{edit.address} on {edit.day} is not saved: {edit}")
        asked = fields_of(answer)
        names = {name.removeprefix("theirs-") for name in asked if name.startswith("theirs-")}
        edit.asked |= names or {"what follows"}
        chosen = {name: chance.choice(_CHOICES) for name in names}
        if names and names >= set(edit.values) and set(chosen.values()) == {"theirs"}:
            return  # nothing of one's own is left to save
        edit.values = {
            name: asked[f"before-{name}"] if chosen.get(name) == "before" else value
            for name, value in edit.values.items()
            if chosen.get(name) != "theirs"
        }
        picked = {f"choice-{name}": value for name, value in chosen.items()}
        seen = person.send(edit.address, asked | picked | {"step": "preview"}) if names else answer
        edit.form = fields_of(_expect_page(seen))
        answer = person.send(edit.address, edit.form | {"step": "save"})
    edit.is_saved = True


def _check(engine: Engine, edits: list[Edit]) -> None:
    """Compare what is stored on the day of each edit with what was accepted; who was asked overrules it."""
    for edit in edits:
        if not edit.is_saved:
            continue
        others = [other for other in edits if other is not edit and other.key == edit.key]
        overruled = {name for other in others for name in other.asked & set(other.values)}
        with engine.connect() as held:
            values = {"key": edit.key, "day": edit.day}
            stored: dict[str, Any] = held.execute(text(_STORED[edit.table]), values).scalar_one()
        lost = {name for name, value in edit.values.items() if (stored[name] or "") != value} - overruled
        if lost:
            raise LostEditError(f"{edit.address} on {edit.day}: {', '.join(sorted(lost))}; {edits}")


def _take_back(engine: Engine, before: int) -> None:
    query = "SELECT change_set_id FROM change_set WHERE change_set_id > :before ORDER BY 1 DESC"
    with engine.begin() as held:
        for made in list(held.execute(text(query), {"before": before}).scalars()):
            undo(held, made, Change("Benchmark", BusinessCase.UNDO))
