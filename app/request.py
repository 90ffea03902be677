"""What a route of `web` or `api` asks of its request: the day, the park, who asks, a connection.

Where `read_as_known` was called, the connection reads what was known at an instant; nobody else need know.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime
from functools import partial

from flask import Flask, Response, current_app, g, make_response, request
from flask_login import current_user
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from app.db.changes import Change, act_as
from app.domain.kinds import AccessRole, BusinessCase
from app.domain.period import parse_day, today
from app.errors import N_, SignInError
from app.services.features.known import turn_back

__all__ = [
    "autocommit_connection",
    "close",
    "connection",
    "detached_connection",
    "init_app",
    "is_staff",
    "known_at",
    "may_see_internal",
    "now",
    "read_as_known",
    "recording_began_at",
    "requested_day",
    "requested_park",
    "role",
    "staff_change",
    "staff_name",
    "today",
    "writing",
    "writing_by_link",
]

_log = logging.getLogger(__name__)


def requested_day() -> date:
    """Return the day of ``?on=``, today without one.

    Raises
    ------
    InputError
        When it is not a day written as YYYY-MM-DD.
    """
    given = request.args.get("on", "")
    return parse_day(given) if given else today()


def now() -> datetime:
    """Return the instant it is, by the application's clock."""
    clock: Callable[[], datetime] = current_app.extensions["clock"]
    return clock()


def requested_park() -> str | None:
    """Return the park key of ``?park=``, None without one."""
    return request.args.get("park", "").strip() or None


def connection() -> Connection:
    """Return the request's connection: opened when first asked for, read-only, closed with the request."""
    if "connection" not in g:
        g.connection = (
            _reading_engine().connect().execution_options(isolation_level="READ COMMITTED")
            if known_at() is None
            else _turned_back()
        )
    held: Connection = g.connection
    return held


def autocommit_connection() -> Connection:
    """Return the request's connection for few and small statements, each of which stands for itself."""
    if known_at() is not None:
        return connection()
    if "autocommit_connection" not in g:
        g.autocommit_connection = _reading_engine().connect()
    held: Connection = g.autocommit_connection
    return held


def read_as_known(at: datetime) -> None:
    """Let what the request reads from now on be as it was known at an instant."""
    for held in _held():
        close(held)
    g.known_at = at


def known_at() -> datetime | None:
    """Return the instant whose knowledge the request reads; None where it is today's."""
    at: datetime | None = g.get("known_at")
    return at


def recording_began_at() -> datetime | None:
    """Return when recording began, where the request has read that nothing was known yet at its instant."""
    began: datetime | None = g.get("recording_began_at")
    return began


def _turned_back() -> Connection:
    engine: Engine = current_app.extensions["past_engine"]
    held = engine.connect()
    try:
        g.recording_began_at = turn_back(held, g.known_at)
    except BaseException:
        close(held)
        raise
    return held


def _reading_engine() -> Engine:
    engine: Engine = current_app.extensions["reading_engine"]
    return engine


def detached_connection() -> Connection:
    """Return the connection of a request whose answer goes on when it has ended; close it then."""
    held = connection()
    g.pop("connection")
    return held


@contextmanager
def writing() -> Iterator[Connection]:
    """Give a connection whose changes are committed at the end of the block, in the name of who is signed in.

    Raises
    ------
    SignInError
        When nobody is.
    """
    engine: Engine = current_app.extensions["engine"]
    with engine.begin() as held:
        act_as(held, staff_name())
        yield held


@contextmanager
def writing_by_link() -> Iterator[Connection]:
    """Give a connection whose changes are committed at the end of the block, for who has no account.

    What is written so has a log of its own; in the record of changes stands nobody.
    """
    engine: Engine = current_app.extensions["engine"]
    with engine.begin() as held:
        yield held


def role() -> AccessRole:
    """Return what the reader may do: that of who is signed in, or of a token's owner, else a visitor's."""
    return current_user.person.role if current_user.is_authenticated else AccessRole.VISITOR


def is_staff() -> bool:
    """Return whether the reader may do what staff does."""
    return role().includes(AccessRole.STAFF)


def may_see_internal() -> bool:
    """Return whether the reader may see what is not public: staff, analysts, and programs in their names."""
    return role().includes(AccessRole.ANALYST)


def staff_name() -> str:
    """Return the name of who is signed in.

    Raises
    ------
    SignInError
        When nobody is.
    """
    if not current_user.is_authenticated:
        raise SignInError(N_("Please sign in first."))
    name: str = current_user.name
    return name


def staff_change(business_case: BusinessCase, reason: str | None = None) -> Change:
    """Return a change by the person who is signed in."""
    return Change(staff_name(), business_case, reason=reason, organization=current_user.person.organization)


def close(held: Connection) -> None:
    """Close a connection whose answer is out; that it died meanwhile changes nothing any more."""
    try:
        held.close()
    except (OperationalError, InterfaceError) as error:
        _log.warning("database: %s", error.orig)
        if not held.closed:
            held.invalidate()


def init_app(app: Flask) -> None:
    """Set the clock, and close a request's connections with the request, whatever happened in it.

    To be called last, for what is set up last sees the answer first: while another can still take its place
    and pass through all the rest.
    """
    app.extensions["clock"] = partial(datetime.now, UTC)

    @app.after_request
    def close_connections(response: Response) -> Response:
        try:
            with ExitStack() as closing:
                for held in _held():
                    closing.callback(held.close)
        except (OperationalError, InterfaceError) as error:
            if response.status_code < 500:
                return make_response(app.handle_user_exception(error))
        return response

    @app.teardown_appcontext
    def close_what_is_left(_: BaseException | None) -> None:
        for held in _held():
            close(held)


def _held() -> list[Connection]:
    """Return the request's connections, which are no longer its."""
    names = ("connection", "autocommit_connection")
    return [held for name in names if (held := g.pop(name, None)) is not None]
