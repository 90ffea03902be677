"""What is left to read of a tour that was withdrawn: that it is called off."""

from __future__ import annotations

from datetime import datetime

from flask import Response, make_response, render_template

from app.db.tours.papers import TourState
from app.domain.period import PARK_ZONE

# It was here, and will not come back by asking again.
GONE = 410


def called_off_page(state: TourState, calendar: str) -> Response:
    """Return the page of a withdrawn tour, with what was public of it: its title and its day.

    Parameters
    ----------
    state : TourState
        Of the withdrawn tour. What it has become since is not shown.
    calendar : str
        Address of the file that calls it off in calendars.
    """
    known = state.called_off
    starts_at = None if known is None else datetime.fromisoformat(known["starts_at"]).astimezone(PARK_ZONE)
    title = None if known is None else known["title"]
    html = render_template("tours/called_off.html", title=title, starts_at=starts_at, calendar=calendar)
    response = make_response(html, GONE)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
