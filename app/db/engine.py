"""The SQLAlchemy engine, and whether what answers is a PostGIS."""

from __future__ import annotations

import select

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.pool import NullPool

from app.domain.failure_reasons import quoted
from app.errors import N_, BusyError, SetupError

EXTENSIONS = ("postgis", "btree_gist")
_CONNECT_ARGS = {"connect_timeout": 5, "application_name": "nachbarschaft"}
_DISK_FULL, _NOT_ALLOWED = "53100", "42501"
# Whom a web server keeps waiting for so long for somebody else's change is to come again.
LOCK_TIMEOUT_MS = 2000

# PostgreSQL's codes for a lock that was not got in time, and for two that wait for each other.
_IN_THE_WAY = {
    "55P03": N_("Somebody else is changing the same data at the moment: nothing was done, please try again."),
    "40P01": N_("Two changes collided; this one was not saved, please try again."),
}

# What libpq or the server reports when connecting -> our sentence; the first match counts.
_REFUSALS = (
    (
        ("password authentication failed", "no password supplied", "Peer authentication failed"),
        N_("The database refuses the user or password in DATABASE_URL."),
    ),
    (
        ("no pg_hba.conf entry",),
        N_("The database does not allow this user to connect from this machine (pg_hba.conf)."),
    ),
    (('database "',), N_("The database named in DATABASE_URL does not exist on its server.")),
    (('role "',), N_("The user named in DATABASE_URL does not exist on its server.")),
    (
        ("expected authentication request", "invalid response to SSL", "closed the connection unexpectedly"),
        N_("What answers at DATABASE_URL is not PostgreSQL."),
    ),
    (
        ("too many clients", "remaining connection slots"),
        N_("The database has no connection left for this service."),
    ),
)


def make_engine(url: str, *, pool_size: int = 5) -> Engine:
    """Return an engine for the PostGIS at `url`; nothing is connected yet.

    Every session speaks UTC and plans for data in memory; a connection that died is replaced unnoticed.

    Parameters
    ----------
    url : str
        SQLAlchemy URL, ``postgresql+psycopg://...``.
    pool_size : int
        Connections kept open by each process.
    """
    engine = create_engine(url, pool_size=pool_size, pool_pre_ping=True, connect_args=dict(_CONNECT_ARGS))
    event.listen(engine, "connect", _prepare_session)
    return engine


def make_web_engine(url: str) -> Engine:
    """Return an engine as `make_engine` does, whose sessions wait for no lock longer than `LOCK_TIMEOUT_MS`.

    A web server has few threads: those that wait are missing to everybody.
    """
    engine = make_engine(url)
    event.listen(engine, "connect", _limit_waiting)
    return engine


def make_reading_engine(url: str, *, pool_size: int = 5) -> Engine:
    """Return an engine whose sessions can read only, and whose statements stand each for itself.

    A statement costs one way to the server and back: no transaction is begun or ended around it (ask for
    the isolation level ``READ COMMITTED`` where several belong together), and whether the connection still
    lives is seen without asking the server. Else it is as that of `make_web_engine`.
    """
    engine = create_engine(
        url, pool_size=pool_size, isolation_level="AUTOCOMMIT", connect_args=dict(_CONNECT_ARGS)
    )
    event.listen(engine, "connect", _prepare_session)
    event.listen(engine, "connect", _limit_waiting)
    event.listen(engine, "connect", _only_read)
    event.listen(engine, "checkout", _check_alive)
    return engine


def make_past_engine(url: str) -> Engine:
    """Return an engine that gives each who asks a session of its own, ended when it is closed."""
    engine = create_engine(url, poolclass=NullPool, connect_args=dict(_CONNECT_ARGS))
    event.listen(engine, "connect", _prepare_session)
    event.listen(engine, "connect", _limit_waiting)
    return engine


def _prepare_session(connection: psycopg.Connection, _record: object) -> None:
    # Not startup options: connection poolers refuse those.
    connection.autocommit = True
    connection.execute("SET TIME ZONE 'UTC'")
    # Plots of many parks fit into memory, where an index costs little; and no statement of ours runs for
    # so long that translating it into machine code, a tenth of a second, would pay.
    connection.execute("SET random_page_cost = 1.1")
    connection.execute("SET jit = off")
    connection.autocommit = False


def _limit_waiting(connection: psycopg.Connection, _record: object) -> None:
    connection.autocommit = True
    connection.execute(f"SET lock_timeout = {LOCK_TIMEOUT_MS}".encode())
    connection.autocommit = False


def _only_read(connection: psycopg.Connection, _record: object) -> None:
    connection.autocommit = True
    connection.execute("SET default_transaction_read_only = on")


def _check_alive(connection: psycopg.Connection, _record: object, _proxy: object) -> None:
    """Make the pool replace a connection that the server ended: then something can be read from it."""
    if connection.closed:
        raise DisconnectionError
    polled = select.poll()
    polled.register(connection.fileno(), select.POLLIN)
    if polled.poll(0):
        raise DisconnectionError


def check_postgis(engine: Engine) -> None:
    """Make sure that `engine` reaches a PostGIS that this service can use.

    Extensions that are available but not yet made in the database are made, where the user may.

    Raises
    ------
    SetupError
        If nothing answers, it is no PostgreSQL, the user is refused, or PostGIS is missing.
    """
    with database_errors(engine), engine.begin() as connection:
        for extension in EXTENSIONS:
            _make_extension(connection, extension)


def postgis_version(connection: Connection) -> str:
    """Return the version of PostGIS, such as 3.3.2."""
    return str(connection.execute(text("SELECT postgis_lib_version()")).scalar_one())


def lock_preparation(connection: Connection) -> None:
    """Wait until nobody else prepares this database; the turn ends with the transaction."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('nachbarschaft: prepare'))"))


class database_errors:  # noqa: N801  used like a function, as contextlib's own
    """Turn a database that cannot be reached, is full or busy with another change into one sentence.

    Parameters
    ----------
    engine : Engine
        Whose server is meant.

    Raises
    ------
    SetupError
        On leaving the block, for failed connections and a full disk.
    BusyError
        For a lock that was not got, and a deadlock; other errors pass.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def __enter__(self) -> None:
        """Enter the guarded block."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Replace the errors this block guards against."""
        original = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(original, psycopg.Error) and original.sqlstate == _NOT_ALLOWED:
            raise SetupError(
                N_(
                    "The database's user may not create tables: run GRANT CREATE ON SCHEMA public "
                    "TO %(user)s there."
                ),
                user=self.engine.url.username or "the user",
            ) from error
        if isinstance(original, psycopg.Error) and original.sqlstate == _DISK_FULL:
            raise SetupError(
                N_("The disk of the database is full: free some space and try again.")
            ) from error
        if isinstance(error, DBAPIError) and (busy := conflict_refusal(error)) is not None:
            raise busy from error
        if isinstance(error, OperationalError):
            raise _connection_refusal(self.engine, str(original)) from error


def conflict_refusal(error: DBAPIError) -> BusyError | None:
    """Return the refusal of a change that met somebody else's; None for any other error."""
    template = _IN_THE_WAY.get(getattr(error.orig, "sqlstate", None) or "")
    return BusyError(template) if template else None


def _make_extension(connection: Connection, extension: str) -> None:
    state = connection.execute(
        text("SELECT installed_version FROM pg_available_extensions WHERE name = :name"), {"name": extension}
    ).one_or_none()
    if state is None:
        raise SetupError(
            N_("The database has no PostGIS: its server lacks the extension %(name)s; install it there."),
            name=extension,
        )
    if state.installed_version is not None:
        return
    try:
        connection.execute(text(f"CREATE EXTENSION {extension}"))
    except DBAPIError as error:
        raise SetupError(
            N_(
                "The database lacks %(name)s, which this user may not create: run CREATE EXTENSION "
                "%(name)s there."
            ),
            name=extension,
        ) from error


def _connection_refusal(engine: Engine, message: str) -> SetupError:
    """Return the sentence for a connection that failed with `message`."""
    for words, sentence in _REFUSALS:
        if any(word in message for word in words):
            return SetupError(sentence)
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    address = engine.url.render_as_string(hide_password=True)
    return SetupError(
        N_("The database %(address)s cannot be reached: %(reason)s."),
        address=address,
        reason=quoted("PostgreSQL", lines[0] if lines else "?"),
    )
