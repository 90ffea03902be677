"""The tours engine is a library in itself: its examples run, and nothing of a service comes with it."""

from __future__ import annotations

import doctest
import inspect
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from app.analysis import tours

ROOT = Path(__file__).parents[3]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(tours.__path__, f"{tours.__name__}.")
    if ">>>" in (inspect.getsource(import_module(module.name)))
)
PUBLIC = sorted(name for name in tours.__all__ if inspect.isfunction(inspect.unwrap(getattr(tours, name))))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    found = doctest.testmod(import_module(name), optionflags=FLAGS)
    assert (found.failed, found.attempted > 0) == (0, True)


@pytest.mark.parametrize("name", PUBLIC)
def test_whatever_is_public_has_an_example(name: str) -> None:
    text = inspect.getdoc(getattr(tours, name)) or ""
    assert doctest.DocTestParser().get_examples(text)


def test_the_page_about_it_runs() -> None:
    page = Path(tours.__path__[0]) / "README.md"
    done = doctest.testfile(str(page), module_relative=False, optionflags=FLAGS)
    assert (done.failed, done.attempted > 3) == (0, True)


def test_a_notebook_takes_no_service_along() -> None:
    program = """
import sys
import numpy as np
from app.analysis.tours import Problem, Stop, alternatives, conflict, left_out_reasons, solve
walks = np.full((3, 3), 60)
problem = Problem((Stop("a"), Stop("b"), Stop("c", value=1.0)), walks, walks, ends_s=60)
plan = solve(problem, limit_s=60)
assert (len(plan.visits), plan.is_proved) == (2, True)
assert left_out_reasons(problem, plan, limit_s=60)
assert not alternatives(problem, plan, limit_s=60) and not conflict(problem, limit_s=60).requirements
heavy = {"flask", "sqlalchemy", "psycopg", "dask", "distributed", "folium", "geopandas", "shapely", "pandas"}
print(*sorted(heavy & set(sys.modules)))
"""
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "\n"
