"""What follows of a save, shown before it, and the save with the neighbors after it: how long both take.

Each business case is done as a person does it at the pages, and undone before the next one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from flask import Flask
from sqlalchemy import Connection, Engine, text
from werkzeug.test import TestResponse

from app.db.changes import Change, act_as
from app.domain.kinds import BusinessCase
from app.services.companies.undoing import undo
from app.services.neighbors.stored_pairs import rebuild_neighbors
from benchmarks.database import driver, store_fabric
from benchmarks.fabric import make_fabric
from benchmarks.form_client import FormClient, fields_of

DAY = "2026-03-01"
N_WARM = 2
# Every second plot has a company, every tenth of those one more plot.
_COMPANIES = (
    """
    INSERT INTO company (key)
    SELECT 'c' || substr(key, 2) FROM plot WHERE substr(key, 2)::int % 2 = 0 ORDER BY key""",
    """
    INSERT INTO company_version (company_id, name, group_name, sector, starts_precision, valid)
    SELECT company_id, 'Firma ' || key, CASE WHEN company_id % 7 = 0 THEN 'Gruppe ' || company_id / 70 END,
           'Sector ' || company_id % 20, 'unknown', '(,)' FROM company""",
    """
    INSERT INTO occupancy (key, company_id, park_id, plot_id, geometry, location_quality, starts_precision,
                           valid)
    SELECT company.key || suffix, company_id, park_id, plot_id, ST_PointOnSurface(geometry), 'mapped', 'day',
           '[2015-01-01,)'
    FROM company
    JOIN (VALUES (2, '', 0), (20, '-2', 1)) AS every (nth, suffix, away)
        ON substr(company.key, 2)::int % nth = 0
    JOIN plot ON plot.key = 'p' || lpad((substr(company.key, 2)::int + away)::text, 8, '0')
    JOIN plot_version USING (plot_id)""",
)


@dataclass(frozen=True)
class Case:
    """A business case: its form, what is typed, and whose neighbors are asked for afterwards."""

    name: str
    address: str
    typed: Mapping[str, str]
    company: str = ""


@dataclass(frozen=True)
class Took:
    """How long a case took, milliseconds: its form, what follows, the save, the neighbors after it."""

    case: str
    form_ms: float
    follows_ms: float
    save_ms: float
    neighbors_ms: float

    @property
    def to_neighbors_ms(self) -> float:
        """From the save to the new neighbors."""
        return self.save_ms + self.neighbors_ms


def store_park(connection: Connection, n_plots: int) -> None:
    """Fill an empty database with a park and its companies, told by an import; commit."""
    act_as(connection, "Import", BusinessCase.IMPORT)
    store_fabric(connection, make_fabric(n_plots, is_dirty=True).rings)
    rebuild_neighbors(connection)
    act_as(connection, "Import", BusinessCase.IMPORT)
    for statement in _COMPANIES:
        connection.execute(text(statement))
    connection.commit()
    raw = driver(connection)
    raw.autocommit = True
    raw.execute("VACUUM ANALYZE")
    raw.autocommit = False


def run_cases(app: Flask, person: FormClient, n_plots: int, n: int, seed: int = 0) -> list[Took]:
    """Do so many business cases of each kind, and take each back; return how long they took."""
    chance = random.Random(seed)  # noqa: S311  the same each time
    engine: Engine = app.extensions["engine"]
    took = []
    for make in _CASES:
        for nth in range(N_WARM + n):
            before = _last(engine)
            each = _timed(person, make(chance, n_plots))
            took += [each] if nth >= N_WARM else []  # the first ones warm caches up
            _take_back(engine, before)
    return took


def table(n_plots: int, took: list[Took]) -> Iterator[str]:
    """Yield the lines of the table of a park."""
    for case in [*dict.fromkeys(each.case for each in took), "all"]:
        own = [each for each in took if case in (each.case, "all")]
        columns = ([each.follows_ms for each in own], [each.to_neighbors_ms for each in own])
        shares = (f"{np.percentile(column, share):.0f}" for column in columns for share in (50, 95))
        yield f"| {n_plots:,} | {case} | {len(own)} | {' | '.join(shares)} |"


def _timed(person: FormClient, case: Case) -> Took:
    form_ms, fields = _clocked(lambda: person.opened(case.address))
    follows_ms, page = _clocked(
        lambda: person.send(case.address, {**fields, **case.typed, "step": "preview"})
    )
    _expect(page, HTTPStatus.OK, case)
    seen = fields_of(page) | {"step": "save"}
    save_ms, saved = _clocked(lambda: person.send(case.address, seen))
    _expect(saved, HTTPStatus.FOUND, case)
    company = case.company or urlsplit(saved.location).path.rpartition("/")[2]
    neighbors_ms, told = _clocked(lambda: person.read(f"/api/companies/{company}/neighbors?on={DAY}"))
    _expect(told, HTTPStatus.OK, case)
    return Took(case.name, form_ms, follows_ms, save_ms, neighbors_ms)


def _clocked(act: Callable[[], Any]) -> tuple[float, Any]:
    started = perf_counter()
    found = act()
    return (perf_counter() - started) * 1e3, found


def _expect(answer: TestResponse, status: HTTPStatus, case: Case) -> None:
    if answer.status_code != status:
        page = answer.get_data(as_text=True)
        raise SystemExit(f"{case}: {answer.status_code}\n{page[page.find('<main') :][:3000]}")


def _last(engine: Engine) -> int:
    with engine.connect() as held:
        return int(held.execute(text("SELECT coalesce(max(change_set_id), 0) FROM change_set")).scalar_one())


def _take_back(engine: Engine, before: int) -> None:
    query = "SELECT change_set_id FROM change_set WHERE change_set_id > :before ORDER BY 1 DESC"
    with engine.begin() as held:
        for made in list(held.execute(text(query), {"before": before}).scalars()):
            undo(held, made, Change("Benchmark", BusinessCase.UNDO))


def _company(chance: random.Random, n_plots: int) -> str:
    return f"c{2 * chance.randrange(n_plots // 2):08d}"


def _plot(chance: random.Random, n_plots: int) -> str:
    """Return a plot on which nobody is: every one with an odd number but those of a second place."""
    odd = (2 * chance.randrange(n_plots // 2) + 1 for _ in range(1_000))
    return f"p{next(number for number in odd if number % 20 != 1):08d}"


def _arrival(chance: random.Random, n_plots: int) -> Case:
    typed = {"name": f"Neu {chance.randrange(10**9)}", "plot": _plot(chance, n_plots), "day": DAY}
    return Case("arrival", "/arrival", typed)


def _expansion(chance: random.Random, n_plots: int) -> Case:
    company = _company(chance, n_plots)
    typed = {"plot": _plot(chance, n_plots), "day": DAY}
    return Case("expansion", f"/companies/{company}/expansion", typed, company)


def _move(chance: random.Random, n_plots: int) -> Case:
    company = _company(chance, n_plots)
    typed = {"plot": _plot(chance, n_plots), "day": DAY}
    return Case("move", f"/companies/{company}/places/{company}/move", typed, company)


def _succession(chance: random.Random, n_plots: int) -> Case:
    company = _company(chance, n_plots)
    name = f"nachfolger {chance.randrange(10**9)}"
    typed = {"successor": name, "kind": "takeover", "day": DAY}
    address = f"/companies/{company}/places/{company}/succession"
    return Case("succession", address, typed, name.replace(" ", "-"))


def _departure(chance: random.Random, n_plots: int) -> Case:
    company = _company(chance, n_plots)
    # On the day of which neighbors are asked for it is still there.
    return Case("departure", f"/companies/{company}/departure", {"last_day": DAY}, company)


def _placement(chance: random.Random, n_plots: int) -> Case:
    company = _company(chance, n_plots)
    address = f"/companies/{company}/places/{company}/plot/correct"
    return Case("placement", address, {"plot": _plot(chance, n_plots), "day": DAY}, company)


def _rename(chance: random.Random, n_plots: int) -> Case:
    company = _company(chance, n_plots)
    typed = {"name": f"Anders {chance.randrange(10**9)}", "day": DAY}
    return Case("rename", f"/companies/{company}/attributes/change", typed, company)


_CASES = (_arrival, _expansion, _move, _succession, _departure, _placement, _rename)
