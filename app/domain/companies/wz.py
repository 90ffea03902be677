"""The German classification of economic activities (WZ): how a code is written."""

from __future__ import annotations

import re

from app.errors import N_, DataError

# Division, group, class, subclass; a section's letter before it says nothing more.
_CODE = re.compile(r"(?:[A-V][\s-]*)?(\d{2})(?:\.?(\d)(\d)?(?:[.\-/]?(\d))?)?", re.I)


def tidy_code(text: str) -> str:
    """Return a code as it is stored, two to five digits with points.

    Examples
    --------
    >>> tidy_code("4711"), tidy_code("G 47.11.1"), tidy_code("47.1")
    ('47.11', '47.11.1', '47.1')

    Raises
    ------
    DataError
    """
    match = _CODE.fullmatch(text.strip())
    if match is None:
        raise DataError(
            N_("“%(text)s” is no WZ code; expected two to five digits such as 47.11."), text=text[:20]
        )
    division, group, klass, subclass = match.groups()
    return ".".join(filter(None, (division, (group or "") + (klass or ""), subclass)))
