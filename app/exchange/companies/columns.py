"""What the columns of a list of companies mean, and what is read from their cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.domain.companies.folding import folded, street_and_number
from app.domain.companies.wz import tidy_code
from app.domain.kinds import WzBasis, WzEdition
from app.domain.period import parse_known_day
from app.errors import N_, AppError, DataError, Phrase
from app.exchange.companies.sheets import ListSheet

LONGEST = 500

# What a column may hold: its name in German and English, and what people call it. The order decides.
FIELDS: Mapping[str, tuple[str, str]] = {
    "name": (
        N_("Name of the company"),
        "name, firma, firmenname, unternehmen, unternehmensname, betrieb, mieter, "
        "bezeichnung, company, company name, business, business name, tenant, firm",
    ),
    "key": (
        N_("Key of the company"),
        "company key, schluessel, key, firmenschluessel, kennung",
    ),
    "group_name": (
        N_("Group"),
        "group, group name, konzern, gruppe, unternehmensgruppe, muttergesellschaft, parent company",
    ),
    "sector": (
        N_("Sector"),
        "sector, branche, wirtschaftszweig, taetigkeit, gewerbe, gewerk, industry, activity",
    ),
    "wz_code": (
        N_("WZ code"),
        "wz code, wz, wz 2008, wz 2025, wz08, wz25, wz nr, wz nummer, wz schluessel, "
        "branchencode, branchenschluessel, nace, nace code, industry code",
    ),
    "wz_edition": (
        N_("Edition of the WZ code"),
        "wz edition, wz ausgabe, wz fassung, wz stand",
    ),
    "website": (
        N_("Website"),
        "website, webseite, web, internet, homepage, url, internetadresse, www",
    ),
    "address": (
        N_("Street and house number"),
        "adresse, anschrift, strasse und hausnummer, strasse hausnummer, strasse nr, str "
        "nr, strasse u hausnummer, address, street address, standort, lage",
    ),
    "street": (
        N_("Street"),
        "street, strasse, str, strassenname, street name",
    ),
    "house_number": (
        N_("House number"),
        "house number, hausnummer, haus nr, hausnr, hnr, nr, number, house no, no",
    ),
    "plot": (
        N_("Plot"),
        "plot, grundstueck, grundstuecksnummer, parzelle, flaeche, plot key, grundstuecksschluessel",
    ),
    "lon": (
        N_("Longitude (degrees)"),
        "lon, lng, long, longitude, laenge, laengengrad, x",
    ),
    "lat": (
        N_("Latitude (degrees)"),
        "lat, latitude, breite, breitengrad, y",
    ),
    "first_day": (
        N_("First day"),
        "first day, valid from, since, seit, ab, von, ansaessig seit, am standort seit, "
        "einzug, eroeffnung, erster tag, start, start date, opened, beginn",
    ),
    "note": (
        N_("Note for everybody"),
        "note, notes, hinweis, hinweis fuer alle, bemerkung, bemerkungen, anmerkung, "
        "kommentar, comment, remark, remarks",
    ),
}
_FIELD_OF: dict[str, str] = {}
for _field, (_, _names) in FIELDS.items():
    for _called in _names.split(", "):
        _FIELD_OF.setdefault(_called, _field)
# What Excel writes where a formula has no value, in English and in German.
_CELL_ERROR = re.compile(
    r"#(?:N/A|NV|REF!|BEZUG!|NAME\?|VALUE!|WERT!|DIV/0!|NULL!|NUM!|ZAHL!|SPILL!|ÜBERLAUF!)"
)
# Personal or internal matters are never taken for a public note by themselves.
_NEVER_GUESSED = re.compile(
    r"\b(intern|vertraulich|ansprechpartner|kontakt|telefon|mail|contact|internal|phone)\b"
)


@dataclass(frozen=True)
class CellProblem:
    """A cell that cannot be read, by the name of its column, and what was expected."""

    column: str
    error: AppError


@dataclass(frozen=True)
class ListRow:
    """A row of a list.

    Attributes
    ----------
    number : int
        In the file.
    values : mapping
        By the names of `FIELDS` and of columns of companies; cells left empty are missing.
    problems : tuple of CellProblem
    """

    number: int
    values: Mapping[str, Any]
    problems: tuple[CellProblem, ...] = ()


def field_of(name: str) -> str | None:
    """Return what a column of that very name means, as far as it is known."""
    return _FIELD_OF.get(folded(name))


def guess_fields(header: Sequence[str], remembered: Mapping[str, str]) -> list[str | None]:
    """Return what each column means, each field once.

    Parameters
    ----------
    header : sequence of str
    remembered : mapping
        What columns were said to mean before, by their folded names; an empty text is nothing.
    """
    found: list[str | None] = [remembered.get(folded(name)) for name in header]
    for guess in (field_of, _field_within):
        for n, name in enumerate(header):
            field = guess(name) if found[n] is None else None
            if field is not None and field not in found and not _NEVER_GUESSED.search(folded(name)):
                found[n] = field
    return [field or None for field in found]


def _field_within(name: str) -> str | None:
    """Return the field of which a name is one of the words of a column's name, the longest one deciding."""
    words = f" {folded(name)} "
    within = [called for called in _FIELD_OF if len(called) > 3 and f" {called} " in words]
    return _FIELD_OF[max(within, key=len)] if within else None


def remembered_fields(header: Sequence[str], fields: Sequence[str | None]) -> dict[str, str]:
    """Return what is to be remembered of what a person said, as `guess_fields` takes it."""
    return {folded(name): field or "" for name, field in zip(header, fields, strict=True) if folded(name)}


def check_fields(fields: Iterable[str | None]) -> None:
    """Refuse what does not say of each row which company it is, or says something twice.

    Raises
    ------
    DataError
    """
    chosen = [field for field in fields if field]
    twice = next((field for field in chosen if chosen.count(field) > 1), None)
    if twice is not None:
        raise DataError(
            N_("“%(field)s” is chosen for two columns; choose one."), field=Phrase(FIELDS[twice][0])
        )
    if "name" not in chosen and "key" not in chosen:
        raise DataError(N_("Say which column holds the name of the company."))
    if ("lon" in chosen) != ("lat" in chosen):
        raise DataError(N_("Longitude and latitude belong together: choose both or none."))


def read_rows(sheet: ListSheet, fields: Sequence[str | None], edition: WzEdition) -> list[ListRow]:
    """Return the rows of a list, read as `fields` says; `edition` is that of WZ codes without one."""
    # Without a column for house numbers they stand behind the street.
    meant = ["address" if field == "street" and "house_number" not in fields else field for field in fields]
    chosen = [(n, field) for n, field in enumerate(meant) if field]
    return [
        _row(number, [(sheet.header[n], field, cells[n]) for n, field in chosen if cells[n]], edition)
        for number, cells in sheet.lines
    ]


def _row(number: int, cells: Sequence[tuple[str, str, str]], edition: WzEdition) -> ListRow:
    values: dict[str, Any] = {}
    problems = []
    for column, field, text in cells:
        try:
            values |= _READERS.get(field, lambda typed, name=field: {name: typed})(_whole(text))
        except AppError as error:
            problems.append(CellProblem(column, error))
    if "wz_code" in values:
        values = {"wz_edition": str(edition), "wz_basis": str(WzBasis.STATED), **values}
    elif not any(field == "wz_code" for _, field, _ in cells):
        values.pop("wz_edition", None)
    if not values.keys() & {"name", "key"} and not problems:
        problems.append(CellProblem("", DataError(N_("The row names no company."))))
    return ListRow(number, values, tuple(problems))


def _whole(text: str) -> str:
    if _CELL_ERROR.fullmatch(text):
        raise DataError(N_("“%(text)s” is an error of the spreadsheet; expected a value."), text=text)
    if len(text) > LONGEST:
        raise DataError(N_("The text has more than %(n)s characters."), n=LONGEST)
    return text


def _wz_code(text: str) -> dict[str, Any]:
    return {"wz_code": tidy_code(text)}


def _wz_edition(text: str) -> dict[str, Any]:
    found = next((one for one in WzEdition if re.search(rf"(?<!\d)(?:{one}|{one[2:]})(?!\d)", text)), None)
    if found is None:
        raise DataError(N_("“%(text)s” is no edition of the WZ; expected 2008 or 2025."), text=text[:40])
    return {"wz_edition": str(found)}


_HOST = re.compile(r"(?:[\w-]+\.)+[^\W\d_]{2,}(?:[/?#].*)?")


def _website(text: str) -> dict[str, Any]:
    whole = text if re.match(r"https?://", text, re.I) else f"https://{text}"
    if not _HOST.fullmatch(re.sub(r"^https?://", "", whole, flags=re.I)) or "@" in whole:
        raise DataError(N_("“%(text)s” is no website; expected www.example.org."), text=text[:60])
    return {"website": whole}


def _address(text: str) -> dict[str, Any]:
    street, number = street_and_number(text)
    return {"street": street, **({"house_number": number} if number else {})}


def _degrees(name: str, most: float) -> Callable[[str], dict[str, Any]]:
    def read(text: str) -> dict[str, Any]:
        try:
            value = float(text.replace(",", ".").rstrip("°").strip())
        except ValueError:
            value = float("nan")
        if not -most <= value <= most:
            raise DataError(
                N_("“%(text)s” is no number of degrees; expected such as %(example)s."),
                text=text[:40],
                example="10,7461" if name == "lon" else "52,3716",
            )
        return {name: value}

    return read


def _first_day(text: str) -> dict[str, Any]:
    return {"first_day": parse_known_day(text)}


_READERS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "wz_code": _wz_code,
    "wz_edition": _wz_edition,
    "website": _website,
    "address": _address,
    "lon": _degrees("lon", 180),
    "lat": _degrees("lat", 90),
    "first_day": _first_day,
}
