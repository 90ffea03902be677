"""The engines are libraries in themselves: their examples run, and nothing of a service comes with them."""

from __future__ import annotations

import doctest
import inspect
import pkgutil
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from app import analysis
from app.analysis import adjacency, meetings, tours

ROOT = Path(__file__).parents[2]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
SERVICES = ("flask", "sqlalchemy", "psycopg", "dask", "distributed", "folium")


def source_of(name: str) -> str:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).read_text("utf-8")


MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(analysis.__path__, f"{analysis.__name__}.")
    if ">>> " in source_of(module.name)
)
PUBLIC = [
    (engine, name)
    for engine in (adjacency, meetings, tours)
    for name in engine.__all__
    if inspect.isroutine(inspect.unwrap(getattr(engine, name)))
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    found = doctest.testmod(import_module(name), optionflags=FLAGS)
    assert (found.failed, found.attempted > 0) == (0, True)


@pytest.mark.parametrize(("engine", "name"), PUBLIC, ids=[name for _, name in PUBLIC])
def test_every_public_function_has_an_example(engine: ModuleType, name: str) -> None:
    text = inspect.getdoc(getattr(engine, name)) or ""
    assert doctest.DocTestParser().get_examples(text)


@pytest.mark.parametrize("engine", [adjacency, meetings, tours])
def test_the_page_about_it_runs(engine: ModuleType) -> None:
    page = Path(engine.__path__[0]) / "README.md"
    done = doctest.testfile(str(page), module_relative=False, optionflags=FLAGS)
    assert (done.failed, done.attempted > 3) == (0, True)


NEIGHBORS = """
import geopandas as gpd
from shapely import box
from app.analysis.adjacency import typed_neighbors
plots = gpd.GeoDataFrame({"key": [1, 2]}, geometry=[box(0, 0, 9, 9), box(9, 0, 20, 9)], crs="EPSG:25832")
assert typed_neighbors(plots, "key").relation.tolist() == ["edge"]
"""
TOURS = """
import numpy as np
from app.analysis.tours import Problem, Stop, alternatives, conflict, left_out_reasons, solve
walks = np.full((3, 3), 60)
problem = Problem((Stop("a"), Stop("b"), Stop("c", value=1.0)), walks, walks, ends_s=60)
plan = solve(problem, limit_s=60)
assert (len(plan.visits), plan.is_proved) == (2, True)
assert left_out_reasons(problem, plan, limit_s=60)
assert not alternatives(problem, plan, limit_s=60) and not conflict(problem, limit_s=60).requirements
"""


@pytest.mark.parametrize(
    ("program", "strangers"), [(NEIGHBORS, SERVICES), (TOURS, (*SERVICES, "geopandas", "pandas", "shapely"))]
)
def test_a_notebook_takes_no_service_along(program: str, strangers: tuple[str, ...]) -> None:
    program += f"import sys\nprint(*sorted(set({strangers}) & set(sys.modules)))"
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "\n"
