"""What a route of `web` or `api` asks of its request: the day, the park, a connection."""

from __future__ import annotations

from datetime import date

from flask import Flask, current_app, g, request
from sqlalchemy import Connection, Engine, text

from app.domain.period import parse_day, today

__all__ = ["connection", "init_app", "requested_day", "requested_park", "today"]


def requested_day() -> date:
    """Return the day of ``?on=``, today without one.

    Raises
    ------
    InputError
        When it is not a day written as YYYY-MM-DD.
    """
    given = request.args.get("on", "").strip()
    return parse_day(given) if given else today()


def requested_park() -> str | None:
    """Return the park key of ``?park=``, None without one."""
    return request.args.get("park", "").strip() or None


def connection() -> Connection:
    """Return the request's connection: opened when first asked for, read-only, closed with the request."""
    if "connection" not in g:
        engine: Engine = current_app.extensions["engine"]
        g.connection = engine.connect()
        g.connection.execute(text("SET TRANSACTION READ ONLY"))
    held: Connection = g.connection
    return held


def init_app(app: Flask) -> None:
    """Close the request's connection when the request ends, whatever happened in it."""

    @app.teardown_appcontext
    def close_connection(_: BaseException | None) -> None:
        held: Connection | None = g.pop("connection", None)
        if held is not None:
            held.close()
