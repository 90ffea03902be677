"""A tour as it is asked for: read from JSON at every door; coordinates are metres from there on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    Strict,
    model_validator,
)
from shapely import Point

from app.domain.checked import (
    A_CLOCK,
    Checked,
    Clock,
    Day,
    Expected,
    Flag,
    Index,
    Latitude,
    Longitude,
    Number,
    Text,
    checked,
    needed,
    wrong,
)
from app.domain.clocks import (
    DAY_S,
    PlanningHorizon,
    TourClock,
    Window,
    clock_seconds,
    clock_text,
    over_midnight,
)
from app.domain.crs import to_storage
from app.domain.kinds import Objective
from app.domain.period import PARK_ZONE
from app.domain.tours import MOST_PROVED
from app.errors import N_, DataError, TooLargeError

MOST_WINDOWS = 6
MOST_ORDERS = 200
LARGEST_GROUP = 500
LONGEST_DWELL_MIN = 24 * 60
# So long a tour without a latest end may be on its way.
_OPEN_END_S = 8 * 3600

_PLACE = N_("a company, a facility, or a name with lon and lat")
PLACE_FIELDS = ("company", "facility", "name", "lon", "lat")

Dwell = Annotated[Number, Field(ge=0, le=LONGEST_DWELL_MIN), Expected(N_("minutes from 0 to 1440"))]
StopIndex = Annotated[Index, Expected(N_("the number of a stop, counted from 0"))]
_POSITION = N_("a place in the order, counted from 0")
Windows = Annotated[
    tuple[tuple[Clock, Clock], ...],
    Field(max_length=MOST_WINDOWS),
    Expected(N_("up to six pairs of times such as [“14:00”, “14:30”]")),
]
Metres = Annotated[Number, Field(ge=0, le=1e6), Expected(N_("a number of meters, 0 or more"))]
Orders = Annotated[
    tuple[tuple[Index, Index], ...],
    Field(max_length=MOST_ORDERS),
    Expected(N_("pairs of stops, each counted from 0")),
]


class NamedPlace(Checked):
    """A place as asked for: the key of a company or its place, or of a facility, or a name and a point."""

    company: Text | None = None
    facility: Text | None = None
    name: Text | None = None
    lon: Longitude | None = None
    lat: Latitude | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_one_place(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        values = {name: value for name, value in given.items() if value not in (None, "")}
        # What is not read must not be kept: nobody has validated it.
        named = [name for name in PLACE_FIELDS if name in values]
        if named not in (["company"], ["facility"], ["name", "lon", "lat"]):
            raise wrong(_PLACE)
        return values

    @model_validator(mode="after")
    def _is_on_the_globe(self) -> Self:
        if self.point is not None and not math.isfinite(self.point.x + self.point.y):
            raise wrong(N_("a longitude in degrees"), "lon", self.lon)
        return self

    @cached_property
    def point(self) -> Point | None:
        """The place in EPSG:25832 where it is named by a point."""
        if self.lon is None or self.lat is None:
            return None
        return to_storage(Point(self.lon, self.lat))


class MeetingPlace(NamedPlace):
    """Where people meet, which is no visit."""

    dwell_min: ClassVar[float] = 0.0
    dwell_s: ClassVar[int] = 0
    note: ClassVar[str | None] = None
    windows: ClassVar[tuple[tuple[int, int], ...]] = ()


class RequestedStop(NamedPlace):
    """A stop as asked for; `windows` as clocks show them, `position` in the walking order from 0."""

    dwell_min: Dwell = 0.0
    windows: Windows = ()
    is_optional: Flag = False
    value: Annotated[Number, Field(ge=0, le=1e6), Expected(N_("a number, 0 or more"))] = 1.0
    position: Annotated[Index, Expected(_POSITION)] | None = None
    note: Text | None = None

    @property
    def dwell_s(self) -> int:
        """How long the visit takes."""
        return round(60 * self.dwell_min)


class RequestedPause(Checked):
    """A rest of `minutes` that begins from `earliest` to `latest`, as clocks show them."""

    minutes: Annotated[Number, Field(ge=1, le=480), Expected(N_("minutes from 1 to 480"))] = needed()
    earliest: Clock = needed()
    latest: Clock = needed()

    @property
    def dwell_s(self) -> int:
        """How long the rest takes."""
        return round(60 * self.minutes)


class TourRequest(Checked):
    """What is asked of a tour.

    Attributes
    ----------
    park : str
        Its key.
    on : date
    earliest, latest : int
        Start and end as clocks show them, in seconds from midnight.
    objective : Objective
    stops : tuple of RequestedStop
        Named by their index, from 0, in `first`, `last` and `orders`.
    first, last : int or None
    is_round : bool
    orders : tuple of (int, int)
        The first of each pair comes before the second.
    group_size : int
    is_step_free : bool
    max_walk_m : float or None
    pause : RequestedPause or None
    meeting : MeetingPlace or None
        Where people meet at `earliest` sharp, which is no visit.
    """

    expected: ClassVar[str] = N_("an object with the fields of a tour request")

    park: Text = needed()
    on: Day = needed()
    earliest: Annotated[int, BeforeValidator(clock_seconds), Field(le=DAY_S), Expected(A_CLOCK)] = needed()
    latest: Clock | None = None
    objective: Annotated[Objective, Expected(" / ".join(Objective))] = Objective.WALKING
    stops: tuple[RequestedStop, ...] = needed()
    first: StopIndex | None = None
    last: StopIndex | None = None
    is_round: Flag = False
    orders: Orders = ()
    group_size: Annotated[
        int, Strict(), Field(ge=1, le=LARGEST_GROUP), Expected(N_("a number of persons from 1 to 500"))
    ] = 1
    is_step_free: Flag = False
    max_walk_m: Metres | None = None
    pause: RequestedPause | None = None
    meeting: MeetingPlace | None = None
    _given: Mapping[str, Any] = PrivateAttr(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _has_stops(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        stops = given.get("stops")
        if not isinstance(stops, list) or not stops:
            raise wrong(N_("a list of stops"), "stops", stops)
        # Where people meet is a stop to the planner, too.
        most = MOST_PROVED - (given.get("meeting") is not None)
        if len(stops) > most:
            raise TooLargeError(
                N_(
                    "A tour can have at most %(most)s stops here, because with more no order can "
                    "be proven optimal; this one has %(n)s."
                ),
                most=most,
                n=len(stops),
            )
        return given

    @model_validator(mode="wrap")
    @classmethod
    def _hold_given(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(given)
        made._given = given
        return made

    @model_validator(mode="after")
    def _names_its_stops(self) -> Self:
        n = len(self.stops)
        for field, index in (("first", self.first), ("last", self.last)):
            if index is not None and index >= n:
                raise wrong(N_("the number of a stop, counted from 0"), field, index)
        if any(index >= n for pair in self.orders for index in pair):
            raise wrong(
                N_("pairs of stops, each counted from 0"), "orders", [list(pair) for pair in self.orders]
            )
        for i, stop in enumerate(self.stops):
            if stop.position is not None and stop.position >= n:
                raise wrong(_POSITION, f"stops[{i}].position", stop.position)
        return self

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.ends_s is not None and self.ends_s < self.starts_s:
            raise DataError(N_("The latest end of the tour is before its earliest start."))
        for n, stop in enumerate(self.stops, 1):
            for shown, window in zip(stop.windows, self.windows(stop), strict=True):
                if window.closes_s < window.opens_s:
                    raise DataError(
                        N_("Stop %(n)s: the time window from %(opens)s to %(closes)s ends before it begins."),
                        n=n,
                        opens=clock_text(shown[0]),
                        closes=clock_text(shown[1]),
                    )
        begins = self.pause_begins
        if begins is not None and begins.closes_s < begins.opens_s:
            raise DataError(N_("The time within which the pause may begin ends before it starts."))
        return self

    @property
    def given(self) -> Mapping[str, Any]:
        """The JSON values it was read from, to be stored and shown again."""
        return self._given

    @property
    def starts_s(self) -> int:
        """Earliest start, in seconds after midnight of its day."""
        return self.earliest

    @property
    def clock(self) -> TourClock:
        """What its seconds mean."""
        return TourClock(self.on, self.earliest)

    @property
    def horizon(self) -> PlanningHorizon:
        """How time windows given for it are read."""
        latest = None if self.latest is None else over_midnight(self.earliest, self.latest)
        return PlanningHorizon(self.earliest, latest)

    @property
    def ends_s(self) -> int | None:
        """Latest end, in the seconds it is planned in."""
        shown_s = self.horizon.ends_s
        return None if shown_s is None else self.clock.seconds(shown_s)

    @property
    def pause_begins(self) -> Window | None:
        """When the rest may begin, in the seconds it is planned in."""
        return None if self.pause is None else self._window(self.pause.earliest, self.pause.latest)

    @property
    def places(self) -> tuple[RequestedStop | MeetingPlace, ...]:
        """The stops, and behind them where people meet, if they do."""
        return self.stops if self.meeting is None else (*self.stops, self.meeting)

    @property
    def may_last_over_midnight(self) -> bool:
        """Whether the night after its day has to be looked at."""
        if self.ends_s is not None:
            return self.ends_s > DAY_S
        closes_s = [window.closes_s for stop in self.stops for window in self.windows(stop)]
        return max([self.starts_s + _OPEN_END_S, *closes_s]) > DAY_S

    @property
    def asks_only_order(self) -> bool:
        """Whether the order of its stops is all that is asked, so that it is walked as it is."""
        return (
            all(
                stop.position is not None and not stop.windows and not stop.is_optional for stop in self.stops
            )
            and (self.latest, self.max_walk_m, self.pause, self.first, self.last) == (None,) * 5
            and not self.orders
        )

    def in_order(self, order: Sequence[int]) -> Self:
        """Return the request for some of the stops, in this order, whatever else was asked of the order."""
        # Who is visited stays so: hosts know of it, also those that were left to choice at first.
        stops = tuple(
            self.stops[i].model_copy(update={"position": n, "is_optional": False})
            for n, i in enumerate(order)
        )
        return self.model_copy(update={"stops": stops, "first": None, "last": None, "orders": ()})

    def without_time_windows(self, starts_at: datetime) -> Self:
        """Return the request with nothing asked of times and lengths, from a start on its day on."""
        shown = starts_at.astimezone(PARK_ZONE)
        starts_s = 3600 * shown.hour + 60 * shown.minute + shown.second
        stops = tuple(stop.model_copy(update={"windows": ()}) for stop in self.stops)
        nothing = {"latest": None, "max_walk_m": None, "pause": None}
        return self.model_copy(update={"on": shown.date(), "earliest": starts_s, "stops": stops, **nothing})

    def windows(self, stop: RequestedStop | MeetingPlace) -> tuple[Window, ...]:
        """Return when a stop can be visited, in the seconds the tour is planned in."""
        return tuple(self._window(*shown) for shown in stop.windows)

    def _window(self, opens_s: int, closes_s: int) -> Window:
        return Window(*map(self.clock.seconds, self.horizon.shown(opens_s, closes_s)))


def parse_request(given: Any) -> TourRequest:
    """Read what is asked of a tour from JSON values.

    Raises
    ------
    FieldError
        Naming the field, what was expected there and what was found.
    TooLargeError
        For more than `MOST_PROVED` stops, that where people meet counted.
    DataError
        For a time window that ends before it begins.
    """
    template = N_("Tour request, %(field)s: expected %(expected)s, found %(found)s.")
    return checked(TourRequest, given, template)
