"""The adjacency engine is a library in itself: its examples run, and nothing of a service comes with it."""

from __future__ import annotations

import doctest
import inspect
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from app.analysis import adjacency

ROOT = Path(__file__).parents[3]
FLAGS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
MODULES = sorted(module.name for module in pkgutil.iter_modules(adjacency.__path__))
PUBLIC = sorted(name for name in adjacency.__all__ if callable(getattr(adjacency, name)))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    found = doctest.testmod(import_module(f"{adjacency.__name__}.{name}"), optionflags=FLAGS)
    assert found.failed == 0


@pytest.mark.parametrize("name", [name for name in PUBLIC if name != "TypedPairs"])
def test_whatever_is_public_has_an_example(name: str) -> None:
    text = inspect.getdoc(getattr(adjacency, name)) or ""
    assert doctest.DocTestParser().get_examples(text)


def test_the_page_about_it_runs() -> None:
    page = Path(adjacency.__path__[0]) / "README.md"
    done = doctest.testfile(str(page), module_relative=False, optionflags=FLAGS)
    assert (done.failed, done.attempted > 3) == (0, True)


def test_a_notebook_takes_no_service_along() -> None:
    program = """
import sys
import geopandas as gpd
from shapely import box
from app.analysis.adjacency import typed_neighbors
plots = gpd.GeoDataFrame({"key": [1, 2]}, geometry=[box(0, 0, 9, 9), box(9, 0, 20, 9)], crs="EPSG:25832")
assert typed_neighbors(plots, "key").relation.tolist() == ["edge"]
print(*sorted({"flask", "sqlalchemy", "psycopg", "dask", "distributed", "folium"} & set(sys.modules)))
"""
    run = [sys.executable, "-c", program]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "\n"
