"""Yearly reports of meetings: a page, a workbook and a PDF."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.db.land.parks import park_names
from app.domain.localizer import localizer_for
from app.exchange.meetings.papers.printing import MEDIA_TYPE
from app.exchange.meetings.papers.report_workbook import MEDIA_TYPE as WORKBOOK
from app.exchange.meetings.papers.report_workbook import report_workbook
from app.exchange.meetings.papers.year_report import (
    YearReport,
    interval_words,
    range_text,
    report_pdf,
    unknown_sentence,
)
from app.request import connection, requested_park, today
from app.services.meetings.papers.reports import year_report
from app.services.tours.papers import PRINTER
from app.web.language import language
from app.web.meetings.papers.files import downloaded_file, shown_file

blueprint = Blueprint("reports", __name__, url_prefix="/meetings/reports")

_YEARS_BACK = 15


@blueprint.get("")
def index() -> Response:
    """Lead to the report of ``?year=``, else of this year."""
    year = request.args.get("year", today().year, type=int)
    return redirect(url_for("reports.show", year=max(0, year), park=requested_park()))


@blueprint.get("/<int:year>")
def show(year: int) -> str:
    """Show the report of a year, of all parks or of ``?park=``."""
    report, localizer = _report(year), localizer_for(language())
    return render_template(
        "meetings/report.html",
        report=report,
        ranged=lambda value: range_text(value, localizer),
        **interval_words(localizer),
        unknown=unknown_sentence(report, localizer),
        years=range(today().year, today().year - _YEARS_BACK, -1),
        parks=park_names(connection()),
    )


@blueprint.get("/<int:year>.pdf")
def file(year: int) -> Response:
    """Give the report as a PDF."""
    report = _report(year)
    with PRINTER.held():
        return shown_file(report_pdf(report, language()), MEDIA_TYPE, f"{_name(report)}.pdf")


@blueprint.get("/<int:year>.xlsx")
def workbook(year: int) -> Response:
    """Give the report as a workbook."""
    report = _report(year)
    return downloaded_file(report_workbook(report, language()), WORKBOOK, f"{_name(report)}.xlsx")


def _report(year: int) -> YearReport:
    return year_report(connection(), year, requested_park(), today())


def _name(report: YearReport) -> str:
    return "-".join(filter(None, ("meetings", str(report.year), report.park)))
