"""The tours: the list, and each one's timetable and walk."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("tours", __name__, url_prefix="/tours")


@blueprint.get("")
def index() -> str:
    """List the tours."""
    return render_template("tours.html")
