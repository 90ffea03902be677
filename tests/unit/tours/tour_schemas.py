"""The schemas of docs/: what a tour problem and a plan may hold."""

from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

_SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"


def validator(name: str) -> Draft202012Validator:
    """Return what checks a document against the schema ``tour_problem`` or ``tour_plan``."""
    return Draft202012Validator(json.loads((_SCHEMAS / f"{name}.schema.json").read_text("utf-8")))


def is_valid(name: str, document: object) -> bool:
    return bool(validator(name).is_valid(document))


def check_plan(document: object) -> None:
    validator("tour_plan").validate(document)
