"""``?known=``: what was known at an instant, for staff and analysts; the public sees what is known today."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, g, request
from werkzeug.datastructures import MultiDict

from app.domain.kinds import AccessRole
from app.domain.period import PARK_ZONE, parse_instant
from app.errors import N_, ForbiddenError, InputError
from app.request import known_at, now, read_as_known, recording_began_at, role

# What reads plots, companies, facilities, their neighbors: elsewhere nobody would notice that it is today's.
_READERS = frozenset(
    {
        *("map.index", "map.companies", "map.links", "data.index", "exports.download"),
        *("features.items", "features.search", "features.item", "features.versions"),
        *("features.tileset", "features.vector_tile"),
        *("neighbors.of_company", "neighbors.of_plot", "neighbors.changes"),
        *("park_changes.index", "park_changes.file"),
    }
)


def choose_knowledge() -> None:
    """Let the request read what was known at the instant of ``?known=``; today's knowledge without one.

    Raises
    ------
    InputError
        When it is no instant, one to come, or asked of what is shown as of today only.
    ForbiddenError
        For visitors.
    """
    given = request.args.get("known", "")
    if not given or request.endpoint is None:
        return
    if not role().includes(AccessRole.ANALYST):
        raise ForbiddenError(
            N_("What was known at an earlier time is shown to staff and analysts only, once signed in.")
        )
    at = parse_instant(given)
    if at > now():
        raise InputError(N_("“known” cannot lie in the future."))
    if request.endpoint not in _READERS or _is_of_tours():
        raise InputError(
            N_(
                "“known” is available for plots, companies, facilities, ways and neighbors; everything "
                "else is shown with today's knowledge only."
            )
        )
    # Who may see it must sign in.
    g.is_private = True
    read_as_known(at)


def _is_of_tours() -> bool:
    asked = request.view_args or {}
    return str(asked.get("collection") or asked.get("file") or "").startswith("tour")


def known_text() -> str:
    """Return the instant of ``?known=`` as an address has it, by the parks' clocks; nothing without one."""
    at = known_at()
    return "" if at is None else instant_text(at)


def instant_text(at: datetime) -> str:
    """Return an instant as an address has it, by the parks' clocks."""
    return at.astimezone(PARK_ZONE).replace(tzinfo=None).isoformat(timespec="auto")


def own_address(**others: str | None) -> str:
    """Return the request's own address with other parameters; those that are None are left out."""
    given: MultiDict[str, str] = MultiDict(request.args)
    for name, value in others.items():
        given.poplist(name)
        if value is not None:
            given[name] = value
    path = f"{request.script_root}{request.path}"
    return f"{path}?{urlencode(list(given.items(multi=True)))}" if given else path


def pass_on(endpoint: str, values: dict[str, Any]) -> None:
    """Let addresses that a page links to ask for the same instant."""
    if endpoint in _READERS and known_at() is not None:
        values.setdefault("known", known_text())


def init_app(app: Flask) -> None:
    """Choose what is known before each request, and let pages say which instant it is."""
    app.before_request(choose_knowledge)
    app.url_defaults(pass_on)
    app.jinja_env.globals.update(
        known_at=known_at,
        known_text=known_text,
        recording_began_at=recording_began_at,
        own_address=own_address,
        may_ask_what_was_known=lambda: role().includes(AccessRole.ANALYST),
    )
