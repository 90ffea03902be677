"""Tours as data folders tell them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.domain.checked import FieldError
from app.exchange.tours.stored import parse_record

TOUR = {
    "key": "walk-1",
    "park": "park",
    "title": "A walk",
    "starts_at": "2024-04-24T14:00+02:00",
    "time_basis": "assumed",
    "pace_m_s": 1,
    "is_round": False,
    "stops": [
        {"company": "firm-place", "dwell_min": 20},
        {"name": "Well", "lon": 10.75, "lat": 52.37, "dwell_min": 0, "note": None},
    ],
}


def test_a_tour_is_read_as_written() -> None:
    draft = parse_record(TOUR)
    assert draft.starts_at == datetime(2024, 4, 24, 12, tzinfo=UTC)
    assert [(stop.company, stop.name, stop.dwell_min) for stop in draft.stops] == [
        ("firm-place", None, 20),
        (None, "Well", 0),
    ]
    well = draft.stops[1].point
    assert well is not None
    assert (well.x, well.y) == pytest.approx((619_155, 5_803_700), abs=100)


def stop(**changed: object) -> dict:
    """Return `TOUR` with other values in its second stop."""
    return {"stops": [TOUR["stops"][0], {**TOUR["stops"][1], **changed}]}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"key": None}, "key"),
        ({"key": "a key"}, "key"),
        ({"title": "  "}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"starts_at": "2024-02-30T14:00+01:00"}, "starts_at"),
        ({"starts_at": "2024-04-24T14:00"}, "starts_at"),
        ({"starts_at": "9999-12-31T23:59:59-12:00"}, "starts_at"),
        ({"starts_at": "0001-01-01T00:00+14:00"}, "starts_at"),
        ({"starts_at": 14}, "starts_at"),
        ({"time_basis": "guessed"}, "time_basis"),
        ({"pace_m_s": 0}, "pace_m_s"),
        ({"pace_m_s": float("nan")}, "pace_m_s"),
        ({"pace_m_s": True}, "pace_m_s"),
        ({"is_round": 1}, "is_round"),
        ({"color": "red"}, "as a whole"),
        ({"stops": TOUR["stops"][:1]}, "stops"),
        ({"stops": "none"}, "stops"),
        ({"stops": [1, 2]}, "stops[0]"),
        (stop(facility="well"), "stops[1]"),
        (stop(name=None), "stops[1]"),
        (stop(lon=None), "stops[1]"),
        (stop(lat=91), "stops[1].lat"),
        (stop(lat=float("inf")), "stops[1].lat"),
        (stop(dwell_min=-1), "stops[1].dwell_min"),
        (stop(dwell_min="10"), "stops[1].dwell_min"),
    ],
)
def test_a_wrong_field_is_named(change: dict, field: str) -> None:
    with pytest.raises(FieldError, match=r"^Tour ") as refusal:
        parse_record({**TOUR, **change})
    assert refusal.value.params["field"] == field
