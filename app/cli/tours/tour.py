"""``python -m app tour list | show | plan | shift | route``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click
from rich.console import Console
from rich.table import Table

from app.analysis.walking.snapping import MAX_ACCESS_M
from app.cli.connecting import connected
from app.cli.language import prompt_language
from app.cli.people.staff import prompt_actor
from app.db.changes import act_as
from app.db.tours.frames import tours_on
from app.db.tours.records import unplanned
from app.domain.clocks import nearest_minute
from app.domain.kinds import TimeBasis
from app.domain.localizer import Localizer, localizer_for, to_whole
from app.domain.period import PARK_ZONE, parse_day
from app.domain.tours import Leg, TourPlan
from app.errors import N_, NN_, DataError, InputError
from app.services.land.near_parks import check_near_parks, parse_point
from app.services.tours.plan_rows import ENGINE
from app.services.tours.shifting import shift_tour
from app.services.tours.shortest_order import reorder_stops
from app.services.tours.storing import plan_legs, walk_between
from app.services.tours.timetables import tour_plan

# Walking alone on level ground.
PACE_M_S = 1.25

_LINE_WIDTH = 500


@click.command("list")
def list_() -> None:
    """List all tours with meters and minutes."""
    localizer = localizer_for(prompt_language())
    with connected() as connection:
        tours = tours_on(connection, is_public=False)
        waiting = unplanned(connection, ENGINE, datetime.now(UTC))
    table = _table(
        N_("Tour"), N_("Day"), N_("Stops"), N_("Walk"), N_("In total"), localizer=localizer, n_text=2
    )
    for tour in tours.itertuples():
        table.add_row(
            tour.key,
            f"{tour.toured_on} {tour.starts_at}",
            str(tour.n_stops),
            localizer.metres(tour.length_m),
            _minutes(tour.total_min),
        )
    _print_table(table)
    if waiting:
        template = N_("To be planned by “python -m app tour plan --all”: %(keys)s")
        click.echo(localizer.translate(template, keys=", ".join(waiting)), err=True)


@click.command()
@click.argument("key")
def show(key: str) -> None:
    """Show the timetable of the tour KEY."""
    with connected() as connection:
        plan = tour_plan(connection, key)
    _show(plan, localizer_for(prompt_language()))


@click.command()
@click.argument("key", required=False)
@click.option("--all", "is_all", is_flag=True, help="Plan every tour.")
@click.option("--shortest", is_flag=True, help="Store the stops in their shortest order first.")
def plan(key: str | None, is_all: bool, shortest: bool) -> None:
    """Replan the legs of the tour KEY along the walk network of its day."""
    localizer = localizer_for(prompt_language())
    if (key is None) != is_all:
        raise InputError(N_("Name one tour, or --all."))
    if key is None and shortest:
        raise InputError(N_("--shortest changes the order of the stops: name a single tour."))
    with connected(write=True) as connection:
        act_as(connection, prompt_actor())
        if key is not None and shortest:
            order = reorder_stops(connection, key)
            template = N_("Order of stops: %(order)s; %(given)s before, %(shortest)s now.")
            click.echo(
                localizer.translate(
                    template,
                    order=" ".join(map(str, order.positions)),
                    given=localizer.metres(order.given_length_m),
                    shortest=localizer.metres(order.length_m),
                )
            )
        n_legs = plan_legs(connection, key)
    click.echo(localizer.translate(NN_("%(n)s leg planned.", "%(n)s legs planned."), n=n_legs))


@click.command()
@click.argument("key")
@click.option("--minutes", type=int, required=True, help="By how many minutes; negative for earlier.")
def shift(key: str, minutes: int) -> None:
    """Move the tour KEY with its meeting time, its latest end, all windows and the pause."""
    localizer = localizer_for(prompt_language())
    with connected(write=True) as connection:
        act_as(connection, prompt_actor())
        before = tour_plan(connection, key)
        shift_tour(connection, key, minutes)
        after = tour_plan(connection, key)
    template = N_("“%(title)s” now starts at %(time)s, not at %(before)s.")
    times = {
        "time": localizer.clock(after.starts_at, after.toured_on),
        "before": localizer.clock(before.starts_at, before.toured_on),
    }
    click.echo(localizer.translate(template, title=after.title, **times))


@click.command()
@click.argument("start")
@click.argument("end")
@click.option("--on", "day", help="Walk network of this day (YYYY-MM-DD). Default: today.")
@click.option("--pace-m-s", default=PACE_M_S, show_default=True, help="Pace on level ground.")
def route(start: str, end: str, day: str | None, pace_m_s: float) -> None:
    """Find the shortest walk between two points, each LON,LAT in degrees."""
    localizer = localizer_for(prompt_language())
    if not 0 < pace_m_s < 5:
        raise InputError(N_("The pace must be between 0 and 5 m/s."))
    places = parse_point(start), parse_point(end)
    on = parse_day(day) if day else datetime.now(PARK_ZONE).date()
    with connected() as connection:
        check_near_parks(connection, places, [start, end], InputError)
        walk = walk_between(connection, *places, on)
    reach = localizer.metres(MAX_ACCESS_M)
    if not walk.is_reachable:
        raise DataError(
            N_("Not reachable along paths: one of the two points is more than %(reach)s away from them."),
            reach=reach,
        )
    template = N_("%(length)s, %(minutes)s; %(off)s of it in a straight line off the walk network.")
    walked_min = walk.walk_s(pace_m_s) / 60
    parts = {"length": localizer.metres(walk.length_m), "off": localizer.metres(walk.off_network_m)}
    click.echo(localizer.translate(template, minutes=_minutes(walked_min), **parts))
    if not walk.on_network:
        click.echo(
            localizer.translate(N_("All of it is in a straight line: the network is of no use here.")),
            err=True,
        )


_BASES = {
    TimeBasis.PUBLISHED: N_("published times"),
    TimeBasis.PLANNED: N_("planned times"),
    TimeBasis.ASSUMED: N_("assumed times"),
}


def _show(plan: TourPlan, localizer: Localizer) -> None:
    basis = _BASES[plan.time_basis]
    click.echo(f"{plan.title} – {plan.park_name}, {plan.toured_on} ({localizer.translate(basis)})")
    table = _table(
        N_("No."), N_("Stop"), N_("Arrival"), N_("Departure"), N_("Onward walk"), N_("Off the network"),
        localizer=localizer, n_text=2,
    )  # fmt: skip
    legs, on = {leg.position: leg for leg in plan.legs}, plan.toured_on
    for stop in plan.places:
        approximate = f" ({localizer.translate(N_('location approximate'))})" if stop.is_approximate else ""
        times = (localizer.clock(stop.arrives_at, on), localizer.clock(stop.departs_at, on))
        walk = _walk_text(legs[stop.position], localizer) if stop.position in legs else ("", "")
        name = (
            stop.name
            if stop.position
            else localizer.translate(N_("Meeting point: %(place)s"), place=stop.name)
        )
        table.add_row(str(stop.position or "•"), name + approximate, *times, *walk)
    if plan.is_round:
        start = plan.places[0]
        table.add_row(str(start.position or "•"), start.name, localizer.clock(plan.ends_at, on), "", "", "")
    _print_table(table)
    _print_totals(plan, localizer)


def _walk_text(leg: Leg, localizer: Localizer) -> tuple[str, str]:
    if not leg.is_reachable:
        return localizer.translate(N_("not reachable along paths")), ""
    return f"{localizer.metres(leg.length_m)}, {_minutes(leg.walk_min)}", localizer.metres(leg.off_network_m)


def _print_totals(plan: TourPlan, localizer: Localizer) -> None:
    template = N_(
        "In total %(length)s (%(off)s off the network): %(walk)s walking, %(dwell)s at stops; end at %(end)s."
    )
    click.echo(
        localizer.translate(
            template,
            length=localizer.metres(plan.length_m),
            off=localizer.metres(plan.off_network_m),
            walk=_minutes(plan.walk_min),
            dwell=_minutes(plan.dwell_min),
            end=localizer.clock(plan.ends_at, plan.toured_on),
        )
    )
    _print_waits(plan, localizer)
    for line in (plan.note, plan.source):
        if line:
            click.echo(line)


def _print_waits(plan: TourPlan, localizer: Localizer) -> None:
    """Print where one waits before or after a visit, and where one rests."""
    for stop in plan.places:
        if stop.wait_min >= 0.5:
            visit = f"{nearest_minute(stop.begins_at):%H:%M}–{localizer.clock(stop.ends_at, plan.toured_on)}"
            template = N_("%(minutes)s waiting at stop %(n)s; the visit is at %(visit)s.")
            click.echo(
                localizer.translate(template, minutes=_minutes(stop.wait_min), n=stop.position, visit=visit)
            )
        if stop.pause_at is not None:
            template = N_("Pause of %(minutes)s at stop %(n)s, at %(time)s.")
            clock = localizer.clock(stop.pause_at, plan.toured_on)
            click.echo(
                localizer.translate(template, minutes=_minutes(stop.pause_min), n=stop.position, time=clock)
            )


def _minutes(minutes: float) -> str:
    """Return whole minutes, so that they agree with the clock times beside them."""
    return f"{to_whole(minutes)}\N{NO-BREAK SPACE}min"


def _table(*headings: str, localizer: Localizer, n_text: int) -> Table:
    """Return an empty table; all columns after the first `n_text` hold numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for n, heading in enumerate(headings):
        table.add_column(localizer.translate(heading), justify="left" if n < n_text else "right")
    return table


def _print_table(table: Table) -> None:
    # Into a file or pipe, a row is a line.
    width = None if sys.stdout.isatty() else _LINE_WIDTH
    Console(highlight=False, markup=False, width=width).print(table)
