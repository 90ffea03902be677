"""Run a notebook as its reader does, top to bottom in a kernel of this interpreter; ask what it found."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell
from traitlets.config import Config

from tests.waiting import LAST_RESORT_S

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


class Run:
    """A notebook that has run, its kernel still there.

    Attributes
    ----------
    outputs : list
        What its cells put out, in order.
    """

    def __init__(self, client: NotebookClient) -> None:
        self._client = client
        self.outputs = [output for cell in client.nb.cells for output in cell.get("outputs", [])]

    @property
    def complaints(self) -> list[str]:
        """What was written to the standard streams; a notebook shows its results otherwise."""
        return [output.text for output in self.outputs if output.output_type == "stream"]

    def do(self, source: str) -> NotebookNode:
        """Execute one more cell after the last one."""
        self._client.nb.cells.append(new_code_cell(source))
        return self._client.execute_cell(self._client.nb.cells[-1], len(self._client.nb.cells) - 1)

    def value(self, expression: str) -> Any:
        """Return what an expression is in the notebook, by way of JSON."""
        cell = self.do(f"import json\nprint(json.dumps({expression}, default=str))")
        return json.loads("".join(output.text for output in cell.outputs if output.output_type == "stream"))

    def rows(self, frame: str) -> list[dict[str, Any]]:
        """Return a frame's rows without its geometry; nulls are None, days text."""
        plain = f"pd.DataFrame({frame}).drop(columns='geometry', errors='ignore')"
        return json.loads(
            self.value(f"{plain}.to_json(orient='records', date_format='iso', double_precision=15)")
        )


@contextmanager
def executed(name: str, scratch: Path, given: Mapping[str, str]) -> Iterator[Run]:
    """Yield the notebook `name` after it has run from top to bottom.

    Parameters
    ----------
    name : str
        Of the file, without its ending.
    scratch : Path
        Folder for what Jupyter keeps.
    given : mapping
        Added to the environment.
    """
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    # Sockets of the file system: nobody else on this machine can listen. Their names must be short.
    config = Config({"KernelManager": {"transport": "ipc", "ip": str(scratch / "kernel")}})
    client = NotebookClient(
        notebook,
        config=config,
        kernel_name="python3",
        timeout=5 * LAST_RESORT_S,
        startup_timeout=LAST_RESORT_S,
        resources={"metadata": {"path": str(FOLDER)}},
    )
    folders = dict.fromkeys(("IPYTHONDIR", "JUPYTER_RUNTIME_DIR"), str(scratch))
    with client.setup_kernel(env={**os.environ, **folders, **given}):
        for index, cell in enumerate(notebook.cells):
            client.execute_cell(cell, index)
        yield Run(client)
