"""What libraries say of a failure: translated where it is a closed set, else quoted as theirs."""

from __future__ import annotations

import errno
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely

from app.analysis.repair import repaired
from app.domain.failure_reasons import failure_reason, invalid_reason, quoted, reason_text
from app.domain.localizer import localizer_for
from app.errors import N_, NN_, AppError, DataError
from app.exchange.land.ogr import read_with_gdal
from app.exchange.osm.extract import read_extract
from app.exchange.tours.problems.files import parse_problem
from tests.unit.adjacency.test_adjacency_named import INVALID

GERMAN, ENGLISH = localizer_for("de"), localizer_for("en")


@pytest.mark.parametrize("fault", sorted(INVALID))
def test_what_geos_finds_wrong_is_told_in_german(fault: str) -> None:
    """A place that PostGIS and QGIS name as well follows."""
    shape = INVALID[fault]
    told_in_english = ENGLISH.error_text(invalid_reason(shape))
    place = str(shapely.is_valid_reason(shape)).partition("[")[2].rstrip("]")
    assert told_in_english == f"{fault} at {place}"
    german = GERMAN.error_text(invalid_reason(shape))
    assert german.endswith(place)
    assert not set(re.findall(r"[A-Za-z]{5,}", told_in_english)) & set(re.findall(r"[A-Za-z]{5,}", german))
    reasons = repaired(np.array([shape], dtype=object))[1]
    assert GERMAN.error_text(reason_text(reasons[0])) == german


def test_what_nobody_knows_yet_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapely, "is_valid_reason", lambda _: "Something new[1 2]")
    assert GERMAN.error_text(invalid_reason(shapely.Point(0, 0))) == "[GEOS: „Something new[1 2]“]"
    assert ENGLISH.error_text(quoted("GDAL", "x" * 500 + "\nmore.")) == f"[GDAL: “{'x' * 120}…”]"
    assert ENGLISH.error_text(quoted("Arrow", ValueError())) == "[Arrow: “ValueError”]"


def test_refusals_of_the_operating_system_are_told_in_german() -> None:
    full, odd = OSError(errno.ENOSPC, "No space left"), OSError(errno.EXDEV, "Invalid link")
    assert GERMAN.error_text(failure_reason(full, "GDAL")) == "der Datenträger ist voll"
    assert GERMAN.error_text(failure_reason(odd)) == "[Betriebssystem: „Invalid link“]"
    assert GERMAN.error_text(failure_reason(ValueError("Bad page"), "Arrow")) == "[Arrow: „Bad page“]"


BROKEN: list[tuple[Any, str]] = [
    ([], "als Ganzes: erwartet: ein Objekt; gefunden: „[]“."),
    ({}, "stops: erwartet: eine Liste von Stationen; gefunden: nichts."),
    ({"stops": "three"}, "stops: erwartet: eine Liste von Stationen; gefunden: „three“."),
    ({"stops": [{}], "is_round": 1}, "is_round: erwartet: true / false; gefunden: „1“."),
]


@pytest.mark.parametrize(("document", "sentence"), BROKEN)
def test_a_document_that_breaks_its_schema_is_refused_in_german(document: Any, sentence: str) -> None:
    with pytest.raises(AppError) as error:
        parse_problem(json.dumps(document), "a.json")
    assert GERMAN.error_text(error.value) == f"a.json, {sentence}"


def test_libraries_are_quoted_as_such(tmp_path: Path) -> None:
    broken = tmp_path / "a.osm"
    broken.write_text('<?xml version="1.0"?><osm version="0.6"><node id="1" ', "utf-8")
    with pytest.raises(AppError) as error:
        read_extract(broken)
    assert re.search(r": \[osmium: „.+“\]\.$", GERMAN.error_text(error.value))

    def fails() -> None:
        from pyogrio.errors import DataSourceError

        raise DataSourceError("sqlite3_open failed; Damaged file.")

    with pytest.raises(AppError) as error:
        read_with_gdal(tmp_path / "a.gpkg", fails)
    assert GERMAN.error_text(error.value) == "„a.gpkg“ lässt sich nicht lesen: [GDAL: „Damaged file“]."


@pytest.mark.parametrize(
    ("n", "english", "german"),
    [
        (0, "0 legs planned.", "0 Wegstücke geplant."),
        (1, "1 leg planned.", "1 Wegstück geplant."),
        (2, "2 legs planned.", "2 Wegstücke geplant."),
    ],
)
def test_one_thing_is_told_in_the_singular(n: int, english: str, german: str) -> None:
    template = NN_("%(n)s leg planned.", "%(n)s legs planned.")
    assert ENGLISH.translate(template, n=n) == english
    assert GERMAN.translate(template, n=n) == german
    outer = DataError(N_("%(file)s, row %(row)s, %(field)s: %(reason)s"), file="a", row=n, field="b",
                      reason=DataError(template, n=n))  # fmt: skip
    assert GERMAN.error_text(outer).endswith(german)
    assert str(outer).endswith(english)
