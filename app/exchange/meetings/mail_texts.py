"""Texts of mails: templates in German with places in braces, one's own before those that ship."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from app.domain.meetings import MailKind
from app.errors import N_, InputError

TEXTS = Path(__file__).parent / "texts"
# What a text may name in braces, as the people who write it read it.
PLACES = ("Anrede", "Titel", "Termin", "Datum", "Ort", "Programm", "Firma", "Link", "Absender")
_PLACE = re.compile(r"\{([^{}\n]*)\}")
_SUBJECT = re.compile(r"\s*(?:Betreff|Subject):[^\S\n]*(\S[^\n]*)\n+(.*\S)\s*", re.DOTALL | re.IGNORECASE)


def mail_template(kind: MailKind, own: Path | None = None) -> str:
    """Return the template of a kind of mail: that of the folder `own`, where it is there."""
    name = f"{kind}.de.txt"
    file = own / name if own is not None and (own / name).is_file() else TEXTS / name
    return file.read_text("utf-8-sig")


def check_template(template: str, kind: MailKind) -> None:
    """Refuse a template that cannot be filled.

    Raises
    ------
    InputError
        When it has no subject, names a place that is none, or lacks the link to answer by.
    """
    if _SUBJECT.fullmatch(template.replace("\r\n", "\n")) is None:
        raise InputError(N_("The text must begin with a line “Betreff: …”, followed by what the mail says."))
    used = _PLACE.findall(template)
    unknown = next((name for name in used if name not in PLACES), None)
    if unknown is not None:
        raise InputError(
            N_("The text has no place “{%(name)s}”; there are %(places)s."),
            name=unknown[:40],
            places=", ".join(f"{{{name}}}" for name in PLACES),
        )
    if "Link" not in used and kind is not MailKind.CANCELLATION:
        raise InputError(N_("The text lacks the place {Link}: without it nobody can answer."))


def filled(template: str, values: Mapping[str, str]) -> tuple[str, str]:
    """Return subject and body of a template that `check_template` has passed.

    A line of which nothing is left, and the empty one after it, are left out.
    """
    match = _SUBJECT.fullmatch(template.replace("\r\n", "\n"))
    assert match is not None  # noqa: S101  it was checked
    subject, body = (_PLACE.sub(lambda place: values[place[1]], text) for text in match.groups())
    return " ".join(subject.split()), re.sub(r"\n{3,}", "\n\n", body).strip()
