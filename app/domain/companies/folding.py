"""Text as people compare it: case, umlauts, accents and punctuation aside."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "oe"})


def folded(text: str) -> str:
    """Return the words of a text in small letters without accents, one space between them.

    Examples
    --------
    >>> folded("Müller & Söhne, Große Straße 3a")
    'mueller soehne grosse strasse 3a'
    """
    small = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", small).encode("ascii", "ignore").decode()
    return " ".join(re.findall(r"[a-z0-9]+", plain))


_STREET = re.compile(r"(?<=[a-z])(?: ?str(?:asse)?)$")
_NUMBER = re.compile(
    r"^(?P<street>.*[^\W\d].*?)[\s,]+(?P<number>\d+\s*[a-zA-Z]?(?:\s*[-–/+]\s*\d+\s*[a-zA-Z]?)*)$"
)


def folded_street(text: str) -> str:
    """Return a street as it is compared: “Str.”, “Straße” and “-straße” are one.

    Examples
    --------
    >>> folded_street("Große Str.") == folded_street("Große Straße")
    True
    """
    return _STREET.sub(" str", folded(text))


def folded_number(text: str) -> str:
    """Return a house number as it is compared.

    Examples
    --------
    >>> folded_number("3 A"), folded_number("1 – 3")
    ('3a', '1-3')
    """
    return re.sub(r"\s+", "", text).replace("–", "-").casefold()


def street_and_number(address: str) -> tuple[str, str | None]:
    """Return street and house number of an address in one line, without postcode and town behind a comma.

    Examples
    --------
    >>> street_and_number("Hohenbüchen 3 a, 38444 Wolfsburg")
    ('Hohenbüchen', '3 a')
    >>> street_and_number("Wolfsacker")
    ('Wolfsacker', None)
    """
    own = re.split(r"[,;]\s*(?=\d{5}\b)|[,;]\s*(?=[^\W\d][^\d]*$)", address.strip())[0].strip()
    match = _NUMBER.match(own)
    return (match["street"].strip(" ,"), match["number"].strip()) if match else (own, None)
