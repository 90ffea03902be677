"""The board of a park: which company is on which numbered plot, as a page and on one printed page."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from app.db.land.parks import park_names
from app.errors import N_, NotFoundError
from app.exchange.meetings.papers.board_pdf import columns_of
from app.exchange.meetings.papers.park_map import ParkBoard, park_svg
from app.exchange.meetings.papers.printing import MEDIA_TYPE
from app.exchange.tours.drawing import Canvas
from app.request import connection, requested_day, requested_park
from app.services.meetings.papers.boards import park_board, printed_board
from app.web.language import language
from app.web.meetings.papers.files import shown_file

blueprint = Blueprint("boards", __name__)

_CANVAS = Canvas(180, 120, margin=4)


@blueprint.get("/board")
def show() -> str:
    """Show the board of a park (``?park=``, else the first one) on a day (``?on=``)."""
    board = _board(connection())
    title = gettext("Map of %(park)s with the numbers of the plots", park=board.park_name)
    return render_template(
        "meetings/board.html",
        board=board,
        # A drawing of our own, in which every text is escaped.
        map=Markup(park_svg(board, _CANVAS, title)),  # noqa: S704
        columns=columns_of(board.entries),
        parks=park_names(connection()),
    )


@blueprint.get("/board.pdf")
def file() -> Response:
    """Give the board on one page A4."""
    board = _board(connection())
    name = f"board-{board.park}-{board.on:%Y-%m-%d}.pdf"
    return shown_file(printed_board(board, language()), MEDIA_TYPE, name)


def _board(held: Connection) -> ParkBoard:
    park = requested_park() or next(iter(park_names(held)), None)
    if park is None:
        raise NotFoundError(N_("No business park is stored yet."))
    return park_board(held, park, requested_day())
