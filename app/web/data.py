"""The data page: what can be taken out, in which form, under which licence."""

from __future__ import annotations

from flask import Blueprint, render_template

blueprint = Blueprint("data", __name__, url_prefix="/daten")


@blueprint.get("")
def index() -> str:
    """List the exports."""
    return render_template("data.html")
