"""What libraries and the operating system report of a failure, put into sentences of ours.

What belongs to a closed set is translated. Anything else stays in the library's English, quoted and marked as
its words, so that no sentence mixes languages.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping

import shapely

from app.errors import N_, AppError, DataError, Phrase

_LONGEST = 120

# GEOS's reasons (its `TopologyValidationError`), each followed by a place in brackets.
_INVALID = frozenset(
    {
        N_("Topology Validation Error"),
        N_("Repeated Point"),
        N_("Hole lies outside shell"),
        N_("Holes are nested"),
        N_("Interior is disconnected"),
        N_("Self-intersection"),
        N_("Ring Self-intersection"),
        N_("Nested shells"),
        N_("Duplicate Rings"),
        N_("Too few points in geometry component"),
        N_("Invalid Coordinate"),
        N_("Ring is not closed"),
    }
)

_SYSTEM: Mapping[int, str] = {
    errno.ENOENT: N_("there is no such file or folder"),
    errno.EACCES: N_("permission denied"),
    errno.EPERM: N_("permission denied"),
    errno.EISDIR: N_("it is a folder"),
    errno.ENOTDIR: N_("a part of its path is not a folder"),
    errno.ENOSPC: N_("the disk is full"),
    errno.EDQUOT: N_("the disk is full"),
    errno.EROFS: N_("the disk can only be read"),
    errno.EIO: N_("the disk is damaged"),
    errno.ENAMETOOLONG: N_("its name is too long"),
    errno.ELOOP: N_("its links lead in a circle"),
    errno.EMFILE: N_("too many files are open"),
    errno.EBUSY: N_("it is in use"),
    errno.ETXTBSY: N_("it is in use"),
}

_SYSTEM_NAME = Phrase(N_("operating system"))


def invalid_reason(geometry: shapely.Geometry) -> AppError:
    """Return what is wrong with an invalid geometry, and where, for a place in another sentence."""
    return reason_text(str(shapely.is_valid_reason(geometry)))


def reason_text(reason: str) -> AppError:
    """Return what GEOS reports of an invalid geometry, as ``Self-intersection[10 20]``, in words of ours."""
    fault, _, place = reason.partition("[")
    if fault not in _INVALID:
        return quoted("GEOS", reason)
    return DataError(N_("%(fault)s at %(place)s"), fault=Phrase(fault), place=place.rstrip("]"))


def failure_reason(error: Exception, library: str = _SYSTEM_NAME) -> AppError:
    """Return why reading or writing failed, for a place in another sentence.

    Parameters
    ----------
    error : Exception
        What the operating system refused is translated where `error` names it.
    library : str
        Who raised it otherwise.
    """
    refused = _SYSTEM.get(error.errno or 0) if isinstance(error, OSError) else None
    return DataError(refused) if refused else quoted(library, getattr(error, "strerror", None) or error)


def quoted(library: str, words: object) -> AppError:
    """Return the first line of a library's message, marked as its words, for a place in another sentence."""
    lines = str(words).strip().splitlines() or [type(words).__name__]
    message = lines[0].strip().rstrip(".")
    return DataError(
        N_("[%(library)s: “%(words)s”]"),
        library=library,
        words=message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…",
    )
