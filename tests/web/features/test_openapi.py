"""The description of the API: valid, complete, and nothing answers otherwise than it says.

Schemathesis makes requests from the description, valid and broken ones, and judges the answers by it.
``API_EXAMPLES=200`` asks much more often than the tests of every day do, and of all collections;
``API_PATHS`` is a regular expression of the paths that are asked. ``-s`` shows how often each was.
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

from app.domain.feature_query import ANSWER_CRS, CRS84
from app.domain.kinds import AccessRole
from app.web.roles import needed_role

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

MANY = 20
EXAMPLES = int(os.environ.get("API_EXAMPLES", "3"))
PATHS = os.environ.get("API_PATHS")

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
    "place": st.sampled_from(
        ["company:kaufland", "company:nobody", "facility:truck-parking", "10.76,52.38", "-69.9,0", "9,-0"]
    ),
}


# The collections are answered by the same code: one with periods and polygons, one without either.
FEW = r"^/(conformance|changes|reach.*|plots/.*|collections(/(plots|tour-stops)\b.*)?)?$"


@pytest.fixture(scope="module")
def operations(app: Flask) -> list[Any]:
    for name, strategy in FORMATS.items():
        schemathesis.openapi.format(name, strategy)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    paths = PATHS or (FEW if EXAMPLES <= MANY else ".")
    chosen = schema.include(path_regex=paths)
    return [found.ok() for found in chosen.get_all_operations()]


def test_the_description_is_valid_openapi(app: Flask) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    assert schema.specification.version == "3.0.3"
    schema.validate()


def test_every_public_resource_is_described(app: Flask, client: FlaskClient) -> None:
    """What only staff may ask for and the planner's are not part of it."""
    told = {re.sub(r"{\w+}", "*", path) for path in client.get("/api/openapi.json").json["paths"]}
    for rule in app.url_map.iter_rules():
        if (
            rule.rule.startswith("/api/")
            and "GET" in rule.methods
            and not rule.rule.startswith("/api/tours/")
            and needed_role(rule.endpoint) is AccessRole.VISITOR
        ):
            path = rule.rule.removeprefix("/api").replace("<collection>", "plots")
            assert re.sub(r"<[\w:]+>", "*", path) in told


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_nothing_answers_otherwise_than_described(operations: list[Any], mode: Any) -> None:
    asked: Counter[str] = Counter()
    findings = []
    for operation in operations:
        try:
            asked[operation.label] += len(cases(operation, mode))
        except schemathesis.core.failures.FailureGroup as found:
            findings.append(f"{operation.label}: {found}" + "".join(map(str, found.exceptions)))
    told = "".join(f"\n{n:6} {label}" for label, n in sorted(asked.items()))
    print(f"{told}\n{mode.value}: {asked.total()} requests to {len(asked)} resources")
    assert not findings, "\n\n".join(findings)
    assert sum(n > 0 for n in asked.values()) >= len(operations) - 1


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
            fit_corners(case)
            fit_expression(case)
        case.call_and_validate(headers={"Accept-Encoding": "identity"})
        asked.append(case)

    # Without a parameter there is nothing to ask wrongly.
    with nullcontext() if mode.is_positive else suppress(Unsatisfiable):
        ask()
    return asked


def fit_expression(case: Any) -> None:
    """Give a body that is an object a true expression: no schema can tell all that CQL2 allows."""
    if isinstance(case.body, dict):
        case.body = {"op": "=", "args": [1, 1]}


def fit_corners(case: Any) -> None:
    """Give a valid box four numbers within its reference system, in order: no schema can ask for that."""
    if given := (case.query or {}).get("bbox"):
        crs = ANSWER_CRS[case.query.get("bbox-crs", CRS84.uri)]
        numbers = [float(each) for each in (given.split(",") if isinstance(given, str) else given)][:4]
        low_x, low_y, high_x, high_y = crs.extent
        lows, highs = (
            ((low_y, low_x), (high_y, high_x)) if crs.is_lat_lon else ((low_x, low_y), (high_x, high_y))
        )
        sides = [
            sorted(low + (each - low) % (high - low) for each in numbers[n::2])
            for n, (low, high) in enumerate(zip(lows, highs, strict=True))
        ]
        case.query["bbox"] = ",".join(str(sides[n % 2][n // 2]) for n in range(4))
