"""Made-up data are never shown as real ones, nor real ones as made up; light, as every start asks."""

from __future__ import annotations

from sqlalchemy import Connection, text

from app.errors import N_, SetupError

# No real park has this key.
PARK, ACCOUNT = "demo-nordsee", "Demo"


def holds_demo(connection: Connection) -> bool | None:
    """Return whether a database holds the demo; None for one that holds no park."""
    if connection.scalar(text("SELECT to_regclass('park')")) is None:
        return None
    keys = set(connection.execute(text("SELECT key FROM park")).scalars())
    return PARK in keys if keys else None


def check_demo(connection: Connection, *, is_wanted: bool) -> None:
    """Refuse a database of the other kind.

    Raises
    ------
    SetupError
    """
    found = holds_demo(connection)
    if found is False and is_wanted:
        raise SetupError(N_("This database holds other data than the demo's; the demo needs one of its own."))
    if found and not is_wanted:
        raise SetupError(N_("This database holds the demo: “make demo” serves it."))
