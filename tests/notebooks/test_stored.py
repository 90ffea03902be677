"""Notebooks are stored clean: no results, no traces of a machine, and valid."""

from __future__ import annotations

import re

import nbformat
import pytest

from tests.notebooks.running import NOTEBOOKS

ABSOLUTE = re.compile(r"""["'](/(home|root|tmp|Users|work|var|opt)/|[A-Za-z]:\\)""")


def test_there_are_four() -> None:
    assert [path.name[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_stored_notebook_is_clean(path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook, relax_add_props=False)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.cells[0].source.startswith("# ")
    for cell in notebook.cells:
        assert cell.source.strip() == cell.source != ""
        assert not ABSOLUTE.search(cell.source), cell.source
        assert set(cell.metadata) == set()
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_part_is_told_and_every_map_is_local(path) -> None:
    notebook = nbformat.read(path, as_version=4)
    headings = [cell.source for cell in notebook.cells if cell.source.startswith("## ")]
    assert len(headings) >= 3
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert "finished(drawn, " in code
    assert not re.search(r"https?://(?!127\.0\.0\.1)", code)
