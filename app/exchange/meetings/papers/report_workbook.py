"""A year's report as a workbook: figures, meetings, the index over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from app.domain.localizer import Localizer, localizer_for
from app.errors import N_
from app.exchange.collections.workbook import cell_text
from app.exchange.meetings.index_chart import Shares
from app.exchange.meetings.papers.year_report import YearReport, unknown_sentence

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDEST = 60

Cell = str | int | float | date | None
Rows = Sequence[Sequence[Cell]]


def report_workbook(report: YearReport, language: str) -> bytes:
    """Return a report as a workbook; numbers are numbers, and no text is computed."""
    localizer = localizer_for(language)
    book = Workbook()
    sheets = (
        (N_("Figures"), _figures(report, localizer)),
        (N_("Meetings"), _meetings(report, localizer)),
        (N_("The index over time"), _points(report, localizer)),
        (N_("Walks"), _walks(report, localizer)),
    )
    book.remove(book.worksheets[0])
    for name, rows in sheets:
        _fill(book, localizer.translate(name), rows)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _fill(book: Workbook, name: str, rows: Rows) -> None:
    sheet = book.create_sheet(name[:31])
    for n, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(n, column, cell_text(value) if isinstance(value, str) else value)
            if isinstance(value, str):
                cell.data_type = "s"
            if n == 1:
                cell.font = Font(bold=True)
    for n, values in enumerate(zip(*rows, strict=True), 1):
        longest = max(len(str(value or "")) for value in values)
        sheet.column_dimensions[get_column_letter(n)].width = min(longest + 2, _WIDEST)
    sheet.freeze_panes = "A2"


def _figures(report: YearReport, localizer: Localizer) -> Rows:
    _ = localizer.translate
    return [
        [_(N_("Figure")), _(N_("At least")), _(N_("At most"))],
        [_(N_("Year")), report.year, report.year],
        [_(N_("Business park")), report.park_name or _(N_("all business parks")), None],
        [_(N_("Meetings")), len(report.meetings), len(report.meetings)],
        [_(N_("Meetings of which it is not known who came")), report.n_unknown, report.n_unknown],
        [_(N_("Companies that came as guests")), report.reach.low, report.reach.high],
        [_(N_("Companies that were hosts")), report.n_hosts, report.n_hosts],
        [_(N_("New acquaintances of neighbors")), report.new_pairs.low, report.new_pairs.high],
        _interval(_(N_("Neighborhood index before, in percent")), report.before),
        _interval(_(N_("Neighborhood index after, in percent")), report.after),
        _interval(_(N_("Change by meetings, in points")), report.by_meetings),
        _interval(_(N_("Change by moves, in points")), report.by_moves),
        [_(N_("Walks")), len(report.walks), len(report.walks)],
        [_(N_("Places visited")), report.n_visits, report.n_visits],
        [unknown_sentence(report, localizer), None, None],
    ]


def _interval(name: str, value: Shares | None) -> Sequence[Cell]:
    if value is None:
        return [name, None, None]
    low, high = sorted((value[0], value[2]))
    return [name, round(100 * low, 2), round(100 * high, 2)]


def _meetings(report: YearReport, localizer: Localizer) -> Rows:
    _ = localizer.translate
    head = (
        N_("Day"), N_("Meeting"), N_("Host"), N_("Invited"), N_("Accepted"), N_("Came"),
        N_("Presence unknown"), N_("With a walk"),
    )  # fmt: skip
    rows: list[Sequence[Cell]] = [[_(name) for name in head]]
    rows += [
        [one.held_on, one.title, one.host, one.n_invited, one.n_accepted, one.n_came, one.n_unknown,
         _(N_("yes")) if one.has_walk else _(N_("no"))]
        for one in report.meetings
    ]  # fmt: skip
    return rows


def _points(report: YearReport, localizer: Localizer) -> Rows:
    head = (N_("Day"), N_("At least"), N_("With come-rates"), N_("At most"))
    known = [(day, value) for day, value in report.points if value is not None]
    rows: list[Sequence[Cell]] = [[localizer.translate(name) for name in head]]
    rows += [[day, *(round(100 * each, 2) for each in value)] for day, value in known]
    return rows


def _walks(report: YearReport, localizer: Localizer) -> Rows:
    head = (N_("Day"), N_("Title"), N_("Places visited"))
    rows: list[Sequence[Cell]] = [[localizer.translate(name) for name in head], *report.walks]
    return rows
