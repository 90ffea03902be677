"""Refusals as a page or as JSON: one sentence in the reader's language, never a trace."""

from __future__ import annotations

import secrets

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request, url_for
from flask.logging import default_handler
from flask_babel import gettext
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError
from werkzeug.exceptions import HTTPException

from app.db.engine import conflict_refusal
from app.domain.localizer import localizer_for
from app.errors import N_, AppError, BusyError, Phrase, SignInError, outcome
from app.machine.logs import LineFormatter
from app.web.language import language

DATA_PATHS = ("/api/", "/exports/", "/healthz")
# Of these there are pages as well.
PAGE_PATHS = ("/api/collections", "/api/conformance", "/api/openapi", "/exports/")

# PostgreSQL's codes for a table, and a column, that does not exist.
NOT_SET_UP = ("42P01", "42703")

# Status -> what is said of it where nothing more exact is known.
SENTENCES = {
    400: N_("The request cannot be read."),
    404: N_("There is nothing at this address."),
    405: N_("This address is read-only."),
    413: N_("The request is larger than the service accepts."),
    414: N_("The address is too long."),
    415: N_("The service cannot read this kind of file."),
    416: N_("The file has no such part."),
    429: N_("Too many requests in a short time."),
    500: N_("Something went wrong here. It has been recorded as %(number)s."),
    503: N_("The database does not answer at the moment."),
}

TITLES = {
    400: N_("Not understood"),
    401: N_("Not signed in"),
    403: N_("Not permitted"),
    404: N_("Not found"),
    405: N_("Not allowed"),
    409: N_("Conflict"),
    413: N_("Too large"),
    422: N_("Not usable"),
    429: N_("Not available at the moment"),
    500: N_("An error on our side"),
    503: N_("Not available at the moment"),
}

# Status -> what the reader can do about it.
HINTS = {
    400: N_("Check the address, or start over from the map."),
    401: N_("Your session may have ended. Sign in, and try again."),
    403: N_("Your account does not allow this. Whoever looks after the accounts can change that."),
    404: N_("The link may be out of date. Start again from the map."),
    429: N_("Please try again in a minute."),
    500: N_("Please try again. If it happens again, pass on the number to whoever looks after this service."),
    503: N_("Please try again in a minute."),
}


# Status -> the code that OGC's error body carries.
CODES = {
    400: "InvalidParameterValue",
    401: "NotAuthorized",
    403: "Forbidden",
    404: "NotFound",
    405: "NotAllowed",
    409: "Conflict",
    503: "NotAvailable",
}


# By then most of what was at work is done.
_BUSY_S = 15


def wants_data() -> bool:
    """Return whether the request's path answers with JSON, and nobody looks at it in a browser."""
    return request.path.startswith(DATA_PATHS) and not _looks()


def _looks() -> bool:
    if request.path.startswith(PAGE_PATHS):
        return request.args.get("f", _accepted()) == "html"
    return False


def _accepted() -> str:
    return "html" if request.headers.get("Accept", "").startswith("text/html") else "json"


def refusal(status: int, sentence: str) -> Response:
    """Return the response for a refusal: `sentence` on a page, or as JSON.

    ``code`` and ``description`` are those of OGC API; ``error`` is what our own pages read.
    """
    if wants_data():
        code = CODES.get(status) or ("InvalidParameterValue" if status < 500 else "ServerError")
        response = jsonify(code=code, description=sentence, error=sentence)
    else:
        words = {"title": _worded(TITLES, status), "sentence": sentence, "hint": _worded(HINTS, status)}
        response = make_response(render_template("error.html", **words, again=_again(status)))
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response


def _again(status: int) -> str | None:
    """Return where the same can be had in a while, if it can."""
    is_asked = status == 503 and request.method == "GET"
    # One slash: two would name another host.
    return f"{request.script_root}/{request.full_path.lstrip('/').rstrip('?')}" if is_asked else None


def _worded(texts: dict[int, str], status: int) -> str:
    return str(gettext(texts.get(status) or texts[400 if status < 500 else 500]))


def refuse_app_error(error: AppError) -> Response:
    """Answer with a refusal of our own, when to come again, and how a program signs in."""
    response = refusal(outcome(error).http_status, localizer_for(language()).error_text(error))
    if isinstance(error, SignInError):
        response.headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, BusyError):
        response.headers["Retry-After"] = str(_BUSY_S)
    return response


def refuse_http(error: HTTPException) -> Response:
    """Answer with a refusal of the framework; redirects and ready answers pass as they are."""
    status = error.code or 500
    if status < 400 or error.response is not None:
        return make_response(error)
    response = refusal(status, _sentence(error, status))
    for name, value in error.get_headers(request.environ):
        if name in {"Allow", "Content-Range", "Retry-After"}:
            response.headers[name] = value
    return response


def _sentence(error: HTTPException, status: int) -> str:
    if isinstance(error.description, Phrase):
        return str(gettext(error.description))
    if status == 405 and (search := _search_of_items()) is not None:
        return str(
            gettext(
                "Features are read-only here. Send a filter in the body by POST to %(address)s.",
                address=search,
            )
        )
    return _worded(SENTENCES, status)


def _search_of_items() -> str | None:
    """Return where the filter goes that somebody sent by POST to the features of a collection."""
    if request.method != "POST":
        return None
    adapter = current_app.create_url_adapter(request)
    try:
        endpoint, values = adapter.match(method="GET") if adapter else ("", {})
    except HTTPException:
        return None
    return url_for("features.search", **values, _external=True) if endpoint == "features.items" else None


def refuse_database(error: OperationalError | InterfaceError) -> Response:
    """Answer that the database does not answer, or that somebody else's change is in the way.

    The log keeps why.
    """
    if (busy := conflict_refusal(error)) is not None:
        return refuse_app_error(busy)
    current_app.logger.error("database: %s", error.orig)
    response = refusal(503, gettext(SENTENCES[503]))
    response.headers["Retry-After"] = "60"
    return response


def refuse_statement(error: ProgrammingError) -> Response:
    """Answer that the database lacks the tables of this version; any other broken statement is our error."""
    if getattr(error.orig, "sqlstate", None) not in NOT_SET_UP:
        return refuse_unforeseen(error)
    current_app.logger.error("database: %s", error.orig)
    return refusal(503, gettext("The database is not set up for this version of the service."))


def refuse_unforeseen(error: Exception) -> Response:
    """Answer that something is broken, by a number under which the log holds the trace."""
    number = secrets.token_hex(4)
    current_app.logger.error("error %s at %s %s", number, request.method, _address(), exc_info=error)
    return refusal(500, gettext(SENTENCES[500], number=number))


def _address() -> str:
    """Return the request's path for the log; a secret in it, which is a key, is left out."""
    return str(request.url_rule) if "token" in (request.view_args or {}) else request.path


def init_app(app: Flask) -> None:
    """Let every error leave as one sentence, and come into the log as one line and its trace."""
    # Where the server has set up no log of its own.
    default_handler.setFormatter(LineFormatter())
    app.register_error_handler(AppError, refuse_app_error)
    app.register_error_handler(HTTPException, refuse_http)
    app.register_error_handler(OperationalError, refuse_database)
    app.register_error_handler(InterfaceError, refuse_database)
    app.register_error_handler(ProgrammingError, refuse_statement)
    app.register_error_handler(Exception, refuse_unforeseen)
