"""Tours as data folders hold them: a tour with the place and length of each stop, in walking order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, Strict, model_validator

from app.domain.checked import (
    Checked,
    Expected,
    Flag,
    Instant,
    Number,
    checked,
    needed,
    not_blank,
    wrong,
)
from app.domain.clocks import nearest_minute
from app.domain.kinds import Objective, TimeBasis
from app.domain.period import PARK_ZONE
from app.domain.tour_requests import (
    PLACE_FIELDS,
    Dwell,
    MeetingPlace,
    NamedPlace,
    StopIndex,
    TourRequest,
    parse_request,
)
from app.errors import N_, DataError, TooLargeError

AnyText = Annotated[str, Strict(), AfterValidator(not_blank), Expected(N_("text"))]


class RecordedStop(NamedPlace):
    """A stop of a tour as a data folder holds it; `request_stop` is its index among those asked for."""

    dwell_min: Dwell = needed()
    note: AnyText | None = None
    request_stop: StopIndex | None = None


class TourRecord(Checked):
    """A tour as a data folder holds it; `stops` are in walking order.

    Where people come to `meeting` first, they are there at `starts_at`, and one stop will do. `wish` is the
    request; without it the stops are to be visited in their order.
    """

    key: Annotated[
        str,
        Strict(),
        Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._~-]*$"),
        Expected(N_("a key of letters, digits, “-”, “_”, “.” and “~”")),
    ] = needed()
    park: AnyText = needed()
    title: AnyText = needed()
    starts_at: Instant = needed()
    time_basis: Annotated[TimeBasis, Expected(" / ".join(TimeBasis))] = needed()
    pace_m_s: Annotated[Number, Field(gt=0, lt=5), Expected(N_("a pace between 0 and 5 m/s"))] = needed()
    is_round: Flag = needed()
    note: AnyText | None = None
    source: AnyText | None = None
    wish: TourRequest | None = None
    meeting: MeetingPlace | None = None
    stops: tuple[RecordedStop, ...] = needed()

    @model_validator(mode="before")
    @classmethod
    def _has_stops(cls, given: Any) -> Any:
        stops, is_met = given.get("stops"), given.get("meeting") is not None
        if not isinstance(stops, list) or len(stops) < 2 - is_met:
            raise wrong(
                N_("a list of stops") if is_met else N_("a list of two or more stops"), "stops", stops
            )
        return given

    @model_validator(mode="after")
    def _knows_its_request(self) -> Self:
        n = len(self.stops if self.wish is None else self.wish.stops)
        for i, stop in enumerate(self.stops):
            if stop.request_stop is not None and stop.request_stop >= n:
                expected = N_("the number of a stop, counted from 0")
                raise wrong(expected, f"stops[{i}].request_stop", stop.request_stop)
        return self

    @property
    def request(self) -> TourRequest:
        """What is asked of it: without `wish`, its stops in their order."""
        return self.wish or parse_request(self._in_order())

    def _in_order(self) -> dict[str, Any]:
        starts_at = nearest_minute(self.starts_at.astimezone(PARK_ZONE))
        return {
            "park": self.park,
            "on": starts_at.date().isoformat(),
            "earliest": f"{starts_at:%H:%M}",
            "objective": Objective.WALKING.value,
            **({} if self.meeting is None else {"meeting": _values(self.meeting, PLACE_FIELDS)}),
            "stops": [
                {**_values(stop, (*PLACE_FIELDS, "dwell_min", "note")), "position": n}
                for n, stop in enumerate(self.stops)
            ],
            "is_round": self.is_round,
            # The group that walks at that pace: 15 and more at 1 m/s.
            "group_size": 15 if self.pace_m_s <= 1 else 1,
        }


def _values(place: NamedPlace, fields: Iterable[str]) -> dict[str, Any]:
    values = {name: getattr(place, name) for name in fields}
    return {name: value for name, value in values.items() if value is not None}


def parse_record(given: Mapping[str, Any]) -> TourRecord:
    """Read a tour of a data folder from JSON values.

    Raises
    ------
    DataError
        Naming the tour, the field and what was expected there.
    """
    tour = str(given.get("key"))[:60]
    template = N_("Tour %(tour)s, %(field)s: expected %(expected)s, found %(found)s.")
    try:
        record = checked(TourRecord, given, template, tour=tour)
        _ = record.request
    except (DataError, TooLargeError) as error:
        if "tour" in error.params:
            raise
        raise DataError(N_("Tour %(tour)s: %(reason)s"), tour=tour, reason=error) from error
    return record
