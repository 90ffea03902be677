"""Where a company is to be: a plot chosen from a list with search, or only the park and the street."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from flask_babel import gettext
from sqlalchemy import Connection

from app.db.features import count
from app.db.land.parks import park_names, parks_on
from app.db.land.plots import plot_at, plots_on
from app.db.versions import records
from app.domain.feature_query import FeatureQuery, Span
from app.domain.kinds import LocationQuality
from app.errors import N_, InputError
from app.maps.styles import PLOT_STYLES
from app.request import today
from app.services.companies.cases import Site
from app.services.land.near_parks import check_near_parks, parse_point
from app.web.companies.forms import Answers, Question

# How many plots a sentence names.
_N_NAMED = 5
# A browser shows a list of more at no bearable speed; what is typed is looked up in all of them.
_MOST_PROPOSED = 5_000


@dataclass(frozen=True)
class Plots:
    """The plots of today, as a form proposes them; read only where all of them are asked for."""

    connection: Connection
    _known: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        """All of them."""
        return records(plots_on(self.connection, today()))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield the key of each, and what people know of it: name, street, who is there."""
        return proposed(self.connection, "plots", lambda: [(row["key"], _words(row)) for row in self.rows])

    def street(self, key: str | None) -> str | None:
        """Return the street of a plot."""
        return None if key is None else next((row["street"] for row in self._named(key)), None)

    def _named(self, key: str) -> list[dict[str, Any]]:
        if key not in self._known:
            self._known[key] = records(plots_on(self.connection, today(), keys=[key]))
        return self._known[key]

    def find(self, typed: str) -> str:
        """Return the key of the one plot that was typed: its key, or a part of its name, street or company.

        Raises
        ------
        InputError
            When none or several are meant.
        """
        if self._named(typed):
            return typed
        wanted = typed.casefold()
        exact = [row["key"] for row in self.rows if wanted in (row["key"].casefold(), _folded(row["label"]))]
        found = exact or [
            row["key"] for row in self.rows if wanted in f"{row['key']} {_words(row)}".casefold()
        ]
        if len(found) == 1:
            return str(found[0])
        if not found:
            raise InputError(
                N_("There is no plot “%(text)s” today; choose one of the list."), text=typed[:40]
            )
        raise InputError(
            N_("“%(text)s” is in %(n)s plots (%(some)s …); choose one of them."),
            text=typed[:40],
            n=len(found),
            some=", ".join(found[:_N_NAMED]),
        )


def _folded(text: str | None) -> str:
    return (text or "").casefold()


def _words(row: Mapping[str, Any]) -> str:
    use = gettext(str(PLOT_STYLES[row["use_status"]]["label"]))
    return " · ".join(filter(None, (row["label"], row["street"], row["occupants"] or use)))


def proposed(
    connection: Connection, collection: str, options: Callable[[], Iterable[tuple[str, str]]]
) -> Iterator[tuple[str, str]]:
    """Yield what a list proposes of a collection of today, looked up when it is shown; none of too many."""
    if count(connection, FeatureQuery(collection, Span.on(today()))) <= _MOST_PROPOSED:
        yield from options()


def plot_question(
    plots: Plots, *, is_required: bool = True, given: str = "", stored: str | None = None
) -> Question:
    """Ask for a plot; `stored` is the one that is stored, empty where none is."""
    hint = gettext("Type a part of its key, street or company, and choose it from the list.")
    return Question("plot", gettext("Plot"), "search", hint, plots, is_required, given, stored)


def site_questions(connection: Connection, plots: Plots, given: str = "") -> tuple[Question, ...]:
    """Ask for a plot, `given` at first, or for a park and an address in it."""
    parks = [("", gettext("follows from the plot")), *park_names(connection).items()]
    return (
        plot_question(plots, is_required=False, given=given),
        Question(
            "park",
            gettext("Business park"),
            "choice",
            gettext("Only where the plot is not known yet: the place then stands somewhere in the park."),
            parks,
        ),
        Question("street", gettext("Street"), hint=gettext("Empty: that of the plot.")),
        Question("house_number", gettext("House number")),
    )


def read_plot(answers: Answers, plots: Plots) -> Site:
    """Return the plot that was chosen."""
    answers.required("plot")
    return Site(plot=answers.read("plot", plots.find))


def point_question(given: str, stored: str | None = None) -> Question:
    """Ask for a point, which the map beside the form fills in; `stored` is where it was so far."""
    hint = gettext("Longitude, latitude in degrees. The map fills this in; the plot follows from it.")
    name = gettext("Point")
    return Question("point", name, "text", hint, is_required=True, given=given, stored=stored)


def read_point(connection: Connection, answers: Answers, on: date) -> Site:
    """Return the site of a point: on the plot of a day in which it lies, else in the nearest park."""

    def site(typed: str) -> Site:
        point = parse_point(typed)
        check_near_parks(connection, [point], [typed], InputError)
        plot, parks = plot_at(connection, point, on), parks_on(connection, on)
        if plot is not None:
            return Site(plot=plot, geometry=point)
        return Site(park=str(parks.loc[parks.distance(point).idxmin(), "key"]), geometry=point)

    answers.required("point")
    found: Site = answers.read("point", site)
    return found


def read_site(connection: Connection, answers: Answers, plots: Plots) -> Site:
    """Return where a company is to be."""
    street, house_number = answers.text("street"), answers.text("house_number")
    if answers.text("plot"):
        key = answers.read("plot", plots.find)
        return Site(plot=key, street=street or plots.street(key), house_number=house_number)
    parks = parks_on(connection, today()).set_index("key").geometry

    def point(park: str) -> Any:
        if park not in parks.index:
            raise InputError(N_("Choose a plot, or the business park where the plot is not known yet."))
        return parks[park].representative_point()

    return Site(
        park=answers.text("park"),
        geometry=answers.read("park", point),
        location_quality=LocationQuality.STREET,
        street=street,
        house_number=house_number,
    )
