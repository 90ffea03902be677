"""Plots, companies, neighbors and walking tours of business parks, over time."""

# ruff: noqa: PLC0415  the command line imports this package, too, and mostly needs no web framework

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from app.errors import N_, SetupError

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings

# Modules that each hold a `blueprint`.
ROUTES = (
    "app.web.map.map",
    "app.web.tours.tours",
    "app.web.tours.files",
    "app.web.tours.planner",
    "app.web.data.data",
    "app.web.data.changes",
    "app.web.pages",
    "app.web.info_pages",
    "app.api.features.routes",
    "app.api.exports",
    "app.api.neighbors",
    "app.api.isochrones",
    "app.web.people.staff",
    "app.web.people.openid",
    "app.web.people.second_factor",
    "app.web.people.account",
    "app.web.people.tokens",
    "app.web.people.password_links",
    "app.web.people.accounts",
    "app.web.people.organizations",
    "app.api.tours.planning",
    "app.api.tours.saved",
    "app.api.decisions",
    "app.web.walking.walkways",
    "app.web.walking.ways",
    "app.web.companies.company",
    "app.web.companies.changes",
    "app.web.companies.lists",
    "app.web.land.plots",
    "app.web.land.facilities",
    "app.web.meetings.answers",
    "app.web.meetings.corrections",
    "app.web.meetings.invitations",
    "app.web.meetings.planning",
    "app.web.meetings.guests",
    "app.web.meetings.contacts",
    "app.web.meetings.memory",
    "app.web.meetings.presence",
    "app.web.meetings.choices",
    "app.web.meetings.groups",
    "app.web.meetings.door.page",
    "app.web.meetings.door.links",
    "app.web.meetings.after.follow_ups",
    "app.web.meetings.papers.boards",
    "app.web.meetings.papers.kits",
    "app.web.meetings.papers.reports",
)
LARGEST_REQUEST_BYTES = 1024 * 1024
# Lists of companies are files; what stands around one in a request is small.
LARGEST_UPLOAD_BYTES = 5 * 1024 * 1024 + 2**16


def create_app(settings: Settings | None = None) -> Flask:
    """Return the web application: pages, data, and what protects both.

    Nothing is connected yet: the database may start later, or go away in between.

    Parameters
    ----------
    settings : Settings, optional
        The environment's by default. Who runs the project's own cluster puts its address
        into `database_url`.

    Raises
    ------
    SetupError
        When a setting is wrong, or no database is named.
    """
    from flask import Flask

    from app.config import Settings

    settings = settings or Settings.from_environment()
    app = Flask(__name__, template_folder="web/templates", static_folder="web/static")
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_REQUEST_BYTES, MAX_UPLOAD_LENGTH=LARGEST_UPLOAD_BYTES)
    app.extensions["settings"] = settings
    _connect(app, settings)
    _equip(app, settings)
    for name in ROUTES:
        app.register_blueprint(import_module(name).blueprint)
    return app


def _connect(app: Flask, settings: Settings) -> None:
    from sqlalchemy import event

    from app.db.engine import make_past_engine, make_reading_engine, make_web_engine

    if settings.database_url is None:
        raise SetupError(N_("No database is configured: set DATABASE_URL, or start with “make run”."))
    url = settings.database_url
    engine, reading_engine = make_web_engine(url), make_reading_engine(url)
    # Who closes the one closes the other.
    event.listen(engine, "engine_disposed", lambda _: reading_engine.dispose())
    app.extensions.update(engine=engine, reading_engine=reading_engine, past_engine=make_past_engine(url))


def _equip(app: Flask, settings: Settings) -> None:
    from app import request
    from app.api import cached_files
    from app.api.features import tile_cache
    from app.web import (
        access,
        compression,
        errors,
        formats,
        hosts,
        info_pages,
        known,
        language,
        proxy,
        security,
        static_files,
    )
    from app.web.data import downloads
    from app.web.people import openid, sign_in_log

    tile_cache.init_app(app, settings.tile_cache_mb)
    cached_files.init_app(app, settings.var_dir)
    hosts.init_app(app, settings.trusted_hosts)
    security.init_app(app, settings.basemap_url)
    static_files.init_app(app)
    language.init_app(app, settings.language)
    app.jinja_env.globals["is_demo"] = settings.is_demo
    formats.init_app(app)
    info_pages.init_app(app)
    downloads.init_app(app)
    errors.init_app(app)
    sign_in_log.init_app(app)
    access.init_app(app, settings)
    openid.init_app(app, settings.openid_provider)
    # After it is known who asks.
    known.init_app(app)
    proxy.init_app(app, settings.trusted_proxies)
    compression.init_app(app)
    request.init_app(app)
