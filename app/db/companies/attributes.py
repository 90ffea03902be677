"""A company's own attributes over time: name, group, sector, WZ code and website."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations
from typing import Any

from sqlalchemy import Connection, collate, func, insert, select, update
from sqlalchemy.dialects.postgresql import Range

from app.db.features.rows.collections import GERMAN
from app.db.models import Company, CompanyVersion
from app.db.row_frames import holds, is_one_of
from app.db.versions import period_text, refusals_in_words
from app.domain.period import today
from app.errors import N_, DataError

ATTRIBUTES = ("name", "group_name", "sector", "wz_code", "wz_edition", "wz_basis", "website")
# For staff only: neither exported nor imported, so a new version goes on with what the one before has.
INTERNAL = ("internal_note", "contact")
_ALL_DAYS: Range[date] = Range(None, None, bounds="[)")


@dataclass(frozen=True)
class Given:
    """What one row of an import tells of its company.

    Attributes
    ----------
    valid : Range
        The days of which it tells.
    values : mapping
        By `ATTRIBUTES`.
    precision : str
        How exactly the first of those days is known.
    source_id : int or None
    is_stored : bool
        Whether the row as it is stored holds on exactly these days: then other values are a correction.
    """

    valid: Range[date]
    values: Mapping[str, Any]
    precision: str
    source_id: int | None
    is_stored: bool = False


@dataclass(frozen=True)
class Attributes:
    """A stored version of a company's attributes, or (without id) one that is to be."""

    company_version_id: int | None
    valid: Range[date]
    values: Mapping[str, Any]
    precision: str = "unknown"
    source_id: int | None = None
    internal: Mapping[str, Any] = field(default_factory=dict)


def company_versions(connection: Connection, keys: Iterable[str]) -> dict[str, list[Attributes]]:
    """Return the versions of companies by their keys, in order of time; none of those not stored."""
    statement = (
        select(Company.key.label("company"), CompanyVersion.__table__)
        .join(CompanyVersion, CompanyVersion.company_id == Company.company_id)
        .where(Company.key.in_(set(keys)))
        .order_by(CompanyVersion.valid)
    )
    found: dict[str, list[Attributes]] = defaultdict(list)
    for row in connection.execute(statement).mappings():
        values = {name: row[name] for name in ATTRIBUTES}
        own = (row["company_version_id"], row["valid"], values, row["starts_precision"], row["source_id"])
        internal = {name: row[name] for name in INTERNAL}
        found[row["company"]].append(Attributes(*own, internal))
    return found


def company_names(connection: Connection, keys: Collection[str] | None = None) -> dict[str, str]:
    """Return what each company, or each of `keys`, is called today, by its key, in the order of names."""
    statement = (
        select(Company.key, CompanyVersion.name)
        .join(CompanyVersion, CompanyVersion.company_id == Company.company_id)
        .where(*holds(CompanyVersion.valid, today()))
        .order_by(CompanyVersion.name, Company.key)
    )
    if keys is not None:
        statement = statement.where(is_one_of(Company.key, keys))
    return {row.key: row.name for row in connection.execute(statement)}


def company_named(connection: Connection, typed: str) -> str | None:
    """Return the key of the company whose key or name of today this is, capitals or not; None without one."""
    is_key, is_name = Company.key == typed, _folded(CompanyVersion.name) == _folded(typed)
    statement = (
        select(Company.key)
        .join(CompanyVersion, CompanyVersion.company_id == Company.company_id)
        .where(*holds(CompanyVersion.valid, today()), is_key | is_name)
        .order_by(is_key.desc(), CompanyVersion.name, Company.key)
    )
    return connection.execute(statement.limit(1)).scalar()


def _folded(name: Any) -> Any:
    return func.replace(func.lower(collate(name, GERMAN)), "ß", "ss")


def sectors(connection: Connection) -> list[str]:
    """Return the sectors that companies have or had, in order."""
    found = connection.execute(select(CompanyVersion.sector).distinct()).scalars()
    return sorted(sector for sector in found if sector)


def store_attributes(
    connection: Connection, given: Mapping[str, Sequence[Given]], stored: Mapping[str, Sequence[Attributes]]
) -> int:
    """Store what the rows of an import tell of companies, new ones among them.

    What was the first to be told of a new company holds for all the time before, too. Whatever is told later
    holds from its first day to the next known change. A row that is stored corrects the version it tells of.

    Parameters
    ----------
    connection : Connection
    given : mapping
        By the companies' keys.
    stored : mapping
        As `company_versions` gives them.

    Returns
    -------
    int
        How many stored companies have changed.

    Raises
    ------
    DataError
        When two rows tell different things of one company on one day, or a row contradicts what is stored
        from its first day on.
    """
    n_changed = 0
    for key, rows in given.items():
        _check_agreement(key, rows)
        in_order = sorted(rows, key=lambda row: row.valid.lower or date.min)
        known = list(stored.get(key, ())) or [_first_version(in_order[0])]
        wanted = known
        for row in in_order:
            wanted = _with(key, wanted, row)
        if key not in stored:
            _store_new(connection, key, wanted)
        elif wanted != known:
            n_changed += 1
            _store_changed(connection, key, known, wanted)
    return n_changed


def _first_version(row: Given) -> Attributes:
    return Attributes(None, _ALL_DAYS, row.values, source_id=row.source_id)


def _check_agreement(key: str, rows: Sequence[Given]) -> None:
    for one, other in combinations(rows, 2):
        field = next((name for name in ATTRIBUTES if one.values[name] != other.values[name]), None)
        if field is not None and one.valid.overlaps(other.valid):
            raise DataError(
                N_(
                    "Company %(company)s: two rows give different values for %(field)s (“%(one)s”, "
                    "“%(other)s”)."
                ),
                company=key,
                field=field,
                one=one.values[field],
                other=other.values[field],
            )


def _with(key: str, versions: list[Attributes], row: Given) -> list[Attributes]:
    """Return the versions of a company with what a row tells of its first day."""
    starts = row.valid.lower
    n = 0 if starts is None else next(n for n, one in enumerate(versions) if starts in one.valid)
    held = versions[n]
    if held.values == row.values:
        return versions
    if row.is_stored:
        return [*versions[:n], replace(held, values=row.values), *versions[n + 1 :]]
    if starts == held.valid.lower:
        raise _contradicting(key, held, row)
    ended = replace(held, valid=Range(held.valid.lower, starts, bounds="[)"))
    opened = Attributes(
        None,
        Range(starts, held.valid.upper, bounds="[)"),
        row.values,
        row.precision,
        row.source_id,
        held.internal,
    )
    return [*versions[:n], ended, opened, *versions[n + 1 :]]


def _contradicting(key: str, held: Attributes, row: Given) -> DataError:
    field = next(name for name in ATTRIBUTES if held.values[name] != row.values[name])
    return DataError(
        N_(
            "Company %(company)s: %(field)s is stored as “%(stored)s” for %(days)s, the file has "
            "“%(given)s”. Say from which day that holds; to correct what was never right, import the stored "
            "rows as they are, with that one value changed and without --valid-from."
        ),
        company=key,
        field=field,
        stored=held.values[field] or "",
        days=period_text(held.valid),
        given=row.values[field] or "",
    )


def add_company(connection: Connection, key: str, values: Mapping[str, Any], source_id: int | None) -> int:
    """Store a new company, of which `values` (by `ATTRIBUTES`) hold on all days; return its id."""
    whole = {name: values.get(name) for name in ATTRIBUTES}
    return _store_new(connection, key, [Attributes(None, _ALL_DAYS, whole, source_id=source_id)])


def _store_new(connection: Connection, key: str, versions: Sequence[Attributes]) -> int:
    with refusals_in_words("company"):
        made = connection.execute(insert(Company).values(key=key).returning(Company.company_id))
        company_id: int = made.scalar_one()
        _insert(connection, company_id, versions)
    return company_id


def _store_changed(
    connection: Connection, key: str, known: Sequence[Attributes], wanted: Sequence[Attributes]
) -> None:
    found = connection.execute(select(Company.company_id).where(Company.key == key)).scalar_one()
    own = CompanyVersion.company_version_id
    with refusals_in_words("company"):
        for version in wanted:
            if version.company_version_id is not None and version not in known:
                values = {"valid": version.valid, **version.values}
                statement = update(CompanyVersion).where(own == version.company_version_id)
                connection.execute(statement.values(values))
        _insert(connection, found, [version for version in wanted if version.company_version_id is None])


def _insert(connection: Connection, company_id: int, versions: Sequence[Attributes]) -> None:
    rows = [
        {
            "company_id": company_id,
            **version.values,
            **version.internal,
            "starts_precision": version.precision,
            "valid": version.valid,
            "source_id": version.source_id,
        }
        for version in versions
    ]
    if rows:
        connection.execute(insert(CompanyVersion), rows)
