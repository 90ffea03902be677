"""The description of the API: valid, complete, and nothing answers otherwise than it says.

Schemathesis makes requests from the description, valid and broken ones, and judges the answers by it.
``API_EXAMPLES=200`` asks much more often than the tests of every day do.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

MANY = 20
EXAMPLES = int(os.environ.get("API_EXAMPLES", "3"))

days = st.dates().map(str)
instants = days | days.map(lambda day: f"{day}T12:00:00Z")
spans = st.one_of(
    instants,
    st.tuples(days, days).map(lambda pair: "/".join(sorted(pair))),
    days.map(lambda day: f"../{day}"),
    days.map(lambda day: f"{day}/.."),
)
FORMATS = {
    "day": days,
    "ogc-instant": instants,
    "ogc-datetime": spans,
    "cursor": st.just(""),
    "cql2": st.sampled_from(["", "true"]),
}


# The collections are answered by the same code: one with periods and polygons, one without either.
FEW = r"^/(conformance|changes|plots/.*|collections(/(plots|tour-stops)\b.*)?)?$"


@pytest.fixture(scope="module")
def operations(app: Flask) -> list[Any]:
    for name, strategy in FORMATS.items():
        schemathesis.openapi.format(name, strategy)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    chosen = schema if EXAMPLES > MANY else schema.include(path_regex=FEW)
    return [found.ok() for found in chosen.get_all_operations()]


def test_the_description_is_valid_openapi(app: Flask) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    assert schema.specification.version == "3.0.3"
    schema.validate()


def test_every_public_resource_is_described(app: Flask, client: FlaskClient) -> None:
    """Staff's own resources and the planner's are not part of it."""
    told = {re.sub(r"{\w+}", "*", path) for path in client.get("/api/openapi.json").json["paths"]}
    for rule in app.url_map.iter_rules():
        if (
            rule.rule.startswith("/api/")
            and "GET" in rule.methods
            and not rule.rule.startswith("/api/tours/")
        ):
            path = rule.rule.removeprefix("/api").replace("<collection>", "plots")
            assert re.sub(r"<[\w:]+>", "*", path) in told


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_nothing_answers_otherwise_than_described(operations: list[Any], mode: Any) -> None:
    asked = Counter(operation.label for operation in operations for _ in cases(operation, mode))
    print(f"{mode.value}: {asked.total()} requests to {len(asked)} resources")
    assert len(asked) >= len(operations) - 1


def cases(operation: Any, mode: Any) -> list[Any]:
    """Ask as the description allows (or forbids) and judge each answer by it; return what was asked."""
    asked = []

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        if mode.is_positive:
            order_corners(case)
        case.call_and_validate(headers={"Accept-Encoding": "identity"})
        asked.append(case)

    # Without a parameter there is nothing to ask wrongly.
    with nullcontext() if mode.is_positive else suppress(Unsatisfiable):
        ask()
    return asked


def order_corners(case: Any) -> None:
    """Give a valid box four numbers, and its corners in order: no schema can ask for that."""
    if given := (case.query or {}).get("bbox"):
        box = [float(each) for each in (given.split(",") if isinstance(given, str) else given)]
        (west, east), (south, north) = sorted(box[:2]), sorted(box[2:4])
        case.query["bbox"] = f"{west},{south},{east},{north}"
