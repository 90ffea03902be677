"""Tables whose text is not in UTF-8, as spreadsheets save them."""

from __future__ import annotations

import codecs
from pathlib import Path

from app.errors import N_, DataError

_PIECE_BYTES = 2**20


def encoding_of(path: Path) -> str:
    """Return the encoding of a text: UTF-8, with or without a mark, UTF-16 with one, else Windows-1252.

    Raises
    ------
    DataError
        When it is none of them.
    """
    with path.open("rb") as stream:
        head = stream.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    found = next((encoding for encoding in ("utf-8-sig", "cp1252") if _is_in(path, encoding)), None)
    if found is None:
        raise DataError(N_("“%(file)s” is not in UTF-8; save it as UTF-8."), file=path.name)
    return found


def _is_in(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as text:
            while text.read(_PIECE_BYTES):
                pass
    except UnicodeDecodeError:
        return False
    return True


def copy_in_utf8(path: Path, to: Path) -> bool:
    """Copy a text into UTF-8 piece by piece; return whether it was in anything else and there is a copy."""
    encoding = encoding_of(path)
    if encoding == "utf-8-sig":
        return False
    try:
        with (
            path.open(encoding=encoding, newline="") as text,
            to.open("w", encoding="utf-8", newline="") as out,
        ):
            while piece := text.read(_PIECE_BYTES):
                out.write(piece)
    except UnicodeError:
        raise DataError(N_("“%(file)s” is not in UTF-8; save it as UTF-8."), file=path.name) from None
    return True
