"""One feature and its versions, told and linked as OGC's draft on versioned features of April 2026 has it.

A feature without a day is the version of today or of ``?datetime=``; its versions stand in the *time map*.
Versions follow each other in the time of the parks (``timeAxis`` ``validity-time``); a version holds up to,
not including, the day on which the next begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from flask import request
from flask_babel import gettext
from werkzeug.http import http_date

from app.api.features import links as to
from app.api.features.links import Link, link
from app.db.features import VersionRow
from app.domain.feature_query import Span
from app.errors import N_

OPEN_START = ".."


@dataclass(frozen=True)
class FeatureAddress:
    """Where a feature's versions are found: the name of its collection, and its key."""

    collection: str
    key: str

    @property
    def original(self) -> str:
        """The address of the feature itself, at whatever day."""
        return to.address("collections", self.collection, "items", self.key, **to.requested_knowledge())

    @property
    def history(self) -> str:
        """The address of the time map."""
        return to.address(
            "collections", self.collection, "items", self.key, "versions", **to.requested_knowledge()
        )

    def canonical(self, version: VersionRow) -> str:
        """Return the address that names this version for ever."""
        if version.valid_from is None:
            return to.address(
                "collections",
                self.collection,
                "items",
                f"{self.key}@{OPEN_START}",
                **to.requested_knowledge(),
            )
        days = {"datetime": version.valid_from.isoformat(), **to.requested_knowledge()}
        return to.address("collections", self.collection, "items", self.key, **days)


def split_fid(fid: str) -> tuple[str, str | None]:
    """Return the key of an id, and the first day that follows ``@`` in it, if any."""
    key, mark, day = fid.rpartition("@")
    return (key, day) if mark else (fid, None)


def found_at(versions: Sequence[VersionRow], fid: str, span: Span) -> int | None:
    """Return which of the versions is meant by an id and a day; None where there is none."""
    is_exact = split_fid(fid)[1] is not None
    for n, version in enumerate(versions):
        if version.fid == fid if is_exact else _holds(version, span.first):
            return n
    return None


def _holds(version: VersionRow, day: date | None) -> bool:
    if day is None:
        return version.valid_from is None
    return (version.valid_from is None or version.valid_from <= day) and (
        version.valid_to is None or day < version.valid_to
    )


def version_links(place: FeatureAddress, versions: Sequence[VersionRow], n: int) -> list[Link]:
    """Return the links of the version at `n` to itself for ever, its neighbors in time and their list."""
    listed = [
        link("canonical", place.canonical(versions[n]), to.GEOJSON),
        link("original", place.original, to.GEOJSON),
        *history_links(place),
    ]
    if n > 0:
        listed.append(link("predecessor-version", place.canonical(versions[n - 1]), to.GEOJSON))
    if n + 1 < len(versions):
        listed.append(link("successor-version", place.canonical(versions[n + 1]), to.GEOJSON))
    return listed


def history_links(place: FeatureAddress) -> list[Link]:
    """Return the two links to the list of versions."""
    return [link("timemap", place.history, to.JSON), link("version-history", place.history, to.JSON)]


def latest_link(place: FeatureAddress, versions: Sequence[VersionRow]) -> Link:
    """Return the link to the last version."""
    return link("latest-version", place.canonical(versions[-1]), to.GEOJSON)


def memento_time(version: VersionRow) -> str | None:
    """Return when a version began, as HTTP writes it; None where it is unknown."""
    if version.valid_from is None:
        return None
    return http_date(datetime.combine(version.valid_from, time(), UTC))


def time_map(place: FeatureAddress, versions: Sequence[VersionRow], links: list[Link]) -> dict[str, object]:
    """Return the list of a feature's versions."""
    listed = [*links, link("original", place.original, to.GEOJSON)]
    listed.append(link("first", place.canonical(versions[0]), to.GEOJSON))
    listed += [_memento(place, version) for version in versions]
    listed += [link("last", place.canonical(versions[-1]), to.GEOJSON), latest_link(place, versions)]
    return {"links": listed}


def _memento(place: FeatureAddress, version: VersionRow) -> Link:
    began = memento_time(version)
    more = {} if began is None else {"datetime": began}
    return link("memento", place.canonical(version), to.GEOJSON, version.fid, **more)


def gone_sentence() -> str:
    """Return what is said of a feature that exists, but not on the day asked for."""
    day = request.args.get("datetime") or request.args.get("on")
    listed = (
        N_("Nothing of this name existed on that day; its versions are listed in its history.")
        if day
        else N_("Nothing of this name exists today; its versions are listed in its history.")
    )
    return str(gettext(listed))
