"""A thing's versions over time, and what it means to correct them or to change them from a day on.

A *version* is a row with a half-open period; `None` leaves a side open. The versions of a thing do not
overlap, but there may be gaps between them: a firm that went and came back. The days on which they begin and
end are *boundaries*. A *run* of some columns round a day is the longest stretch of versions, one beginning
where the other ends, in which these columns have the same values. All functions return new lists and leave
what they are given as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from app.errors import N_, ConflictError, NotFoundError

NOT_THERE = N_("“%(thing)s” has no version on %(day)s.")
ON_FIRST_DAY = N_(
    "A version of “%(thing)s” begins on %(day)s: from that day on it cannot change, it can be corrected."
)
NOTHING_NEW = N_("“%(thing)s” has these values already: nothing would change.")
NO_BOUNDARY = N_("Nothing of “%(thing)s” begins or ends on %(day)s.")
WOULD_VANISH = N_(
    "“%(thing)s” cannot begin or end on %(day)s instead: "
    "its version from %(starts)s to %(ends)s would vanish."
)


@dataclass(frozen=True)
class Version:
    """A row: its id (None: not stored yet), its period, and the values of its columns."""

    row_id: int | None
    starts: date | None
    ends: date | None
    values: Mapping[str, Any] = field(default_factory=dict)

    def holds(self, day: date) -> bool:
        """Say whether the version holds on a day."""
        return (self.starts is None or self.starts <= day) and (self.ends is None or day < self.ends)

    def has(self, values: Mapping[str, Any]) -> bool:
        """Say whether the version has these values."""
        return all(self.values[name] == value for name, value in values.items())

    def with_values(self, values: Mapping[str, Any]) -> Version:
        """Return the version with other values."""
        return replace(self, values={**self.values, **values})


def at(versions: Sequence[Version], day: date, thing: str) -> int:
    """Return which version holds on a day.

    Raises
    ------
    NotFoundError
        When none does.
    """
    for n, version in enumerate(versions):
        if version.holds(day):
            return n
    raise NotFoundError(NOT_THERE, thing=thing, day=day)


def run(versions: Sequence[Version], n: int, columns: Collection[str]) -> range:
    """Return which versions, in order of time, make the run of `columns` round the `n`-th one."""
    wanted = {name: versions[n].values[name] for name in columns}
    first, last = n, n
    while first > 0 and _meet(versions[first - 1], versions[first]) and versions[first - 1].has(wanted):
        first -= 1
    while (
        last + 1 < len(versions)
        and _meet(versions[last], versions[last + 1])
        and versions[last + 1].has(wanted)
    ):
        last += 1
    return range(first, last + 1)


def _meet(one: Version, following: Version) -> bool:
    return one.ends is not None and one.ends == following.starts


def corrected(
    versions: Sequence[Version],
    day: date,
    fields: Sequence[Mapping[str, Any]],
    thing: str,
    *,
    is_this_version_only: bool = False,
) -> list[Version]:
    """Return the versions with what was never so put right: each field in its whole run round a day.

    Parameters
    ----------
    versions : sequence of Version
        All of a thing, in order of time.
    day : date
        On which the mistake is seen.
    fields : sequence of mapping
        New values by column; the columns of one field have one run.
    thing : str
        What the thing is called in refusals.
    is_this_version_only : bool
        Whether other versions of the run stay as they are.

    Raises
    ------
    NotFoundError, ConflictError
        When nothing holds on that day, or all of it is so already.
    """
    n = at(versions, day, thing)
    wanted = [field for field in fields if not versions[n].has(field)]
    if not wanted:
        raise ConflictError(NOTHING_NEW, thing=thing)
    found = list(versions)
    for values in wanted:
        for each in range(n, n + 1) if is_this_version_only else run(versions, n, values):
            found[each] = found[each].with_values(values)
    return found


def changed(
    versions: Sequence[Version],
    day: date,
    fields: Sequence[Mapping[str, Any]],
    thing: str,
    *,
    overridden: Collection[date] = (),
) -> list[Version]:
    """Return the versions with what is different from a day on: each field up to its next known change.

    Parameters
    ----------
    versions, fields, thing
        As `corrected` takes them.
    day : date
        The first day of what is new.
    overridden : collection of date
        First days of later versions that shall have the new values, too.

    Raises
    ------
    NotFoundError, ConflictError
        As `corrected`, and when one of the fields begins on that very day. Where another field does, no
        boundary is new.
    """
    n = at(versions, day, thing)
    held = versions[n]
    wanted = [field for field in fields if not held.has(field)]
    if not wanted:
        raise ConflictError(NOTHING_NEW, thing=thing)
    is_cut = held.starts == day
    if is_cut and any(run(versions, n, values).start == n for values in wanted):
        raise ConflictError(ON_FIRST_DAY, thing=thing, day=day)
    found = list(versions)
    if not is_cut:
        found[n] = replace(held, row_id=None, starts=day)
    for values in wanted:
        later = {each for each in run(versions, n, values) if each >= n}
        later |= {each for each in range(n + 1, len(versions)) if versions[each].starts in overridden}
        for each in later:
            found[each] = found[each].with_values(values)
    return [*found[:n], *([] if is_cut else [replace(held, ends=day)]), *found[n:]]


def ended(versions: Sequence[Version], day: date, thing: str) -> list[Version]:
    """Return the versions without those from a day on; raises as `changed`, and when another one follows."""
    n = at(versions, day, thing)
    if versions[n].starts == day:
        raise ConflictError(ON_FIRST_DAY, thing=thing, day=day)
    if n + 1 < len(versions):
        raise ConflictError(
            N_("“%(thing)s” has another version from %(starts)s on: undo or correct that first."),
            thing=thing,
            starts=versions[n + 1].starts,
        )
    return [*versions[:n], replace(versions[n], ends=day)]


def moved_boundary(versions: Sequence[Version], day: date, to: date, thing: str) -> list[Version]:
    """Return the versions with what begins and ends on a day beginning and ending on another one.

    Raises
    ------
    NotFoundError
        When nothing begins or ends on that day.
    ConflictError
        When a version would vanish: the new day must lie between the boundaries before and after.
    """
    if not any(day in (version.starts, version.ends) for version in versions):
        raise NotFoundError(NO_BOUNDARY, thing=thing, day=day)
    for version in versions:
        others = {bound for bound in (version.starts, version.ends) if bound not in (None, day)}
        if any(min(day, to) <= bound <= max(day, to) for bound in others if bound):
            raise ConflictError(
                WOULD_VANISH, thing=thing, day=to, starts=version.starts or "…", ends=version.ends or "…"
            )
    return [
        replace(
            version,
            starts=to if version.starts == day else version.starts,
            ends=to if version.ends == day else version.ends,
        )
        for version in versions
    ]
