"""Organizations that people work for: added and renamed by admins; the key, which prompts take, stays."""

from __future__ import annotations

from sqlalchemy import Connection

from app.db.people.staff import change_organization, organizations, store_organization
from app.domain.companies.folding import folded
from app.errors import N_, ConflictError, InputError, NotFoundError
from app.services.people.staff import tidy_name

LONGEST_NAME, LONGEST_SHORT_NAME = 120, 30


def add_organization(connection: Connection, name: str, short_name: str) -> None:
    """Add an organization; its key is made from the short name.

    Raises
    ------
    InputError
        For a name that is too short or too long.
    ConflictError
        When another one is called so.
    """
    name, short_name = _checked(connection, name, short_name, None)
    key = folded(short_name).replace(" ", "-")
    if not key:
        raise InputError(N_("A short name needs a letter or digit."))
    if not store_organization(connection, key, name, short_name):
        raise _taken(short_name)


def rename_organization(connection: Connection, organization_id: int, name: str, short_name: str) -> None:
    """Call an organization otherwise; what is recorded of earlier changes keeps the name of that time.

    Raises
    ------
    InputError
        For a name that is too short or too long.
    NotFoundError
        For an unknown organization.
    ConflictError
        When another one is called so.
    """
    name, short_name = _checked(connection, name, short_name, organization_id)
    if not change_organization(connection, organization_id, name=name, short_name=short_name):
        raise NotFoundError(N_("There is no such organization."))


def _checked(
    connection: Connection, name: str, short_name: str, organization_id: int | None
) -> tuple[str, str]:
    """Return both names as they are kept; `organization_id` is that of whom they are for, if it is there."""
    name, short_name = tidy_name(name), tidy_name(short_name)
    if not (0 < len(name) <= LONGEST_NAME and 0 < len(short_name) <= LONGEST_SHORT_NAME):
        raise InputError(
            N_("An organization has a name of 1 to %(most)s characters, a short one of 1 to %(most_short)s."),
            most=LONGEST_NAME,
            most_short=LONGEST_SHORT_NAME,
        )
    others = (row for row in organizations(connection) if row["organization_id"] != organization_id)
    if any(folded(short_name) == folded(row["short_name"]) for row in others):
        raise _taken(short_name)
    return name, short_name


def _taken(short_name: str) -> ConflictError:
    return ConflictError(N_("There is an organization “%(name)s” already."), name=short_name)
