"""Progress at the prompt: each step named when it begins, timed when it ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.status import Status


class Steps:
    """Show one step after the other; on a terminal the running one turns.

    Call it with a step's name when the step begins; that ends the one before.
    Used as a context manager, so that a failure ends the display before its sentence is shown.

    Parameters
    ----------
    translate : callable
        Turns a step's English name into the prompt's language.
    """

    def __init__(self, translate: Callable[[str], str]) -> None:
        self._translate = translate
        self._console = Console(stderr=True, highlight=False, markup=False)
        self._status: Status | None = None
        self._name = ""
        self._began_at_s = 0.0

    def __enter__(self) -> Steps:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the running step; a failed one is not reported as done."""
        self._end(done=kind is None)

    def __call__(self, name: str) -> None:
        """Begin the step `name`."""
        self.finish()
        self._name, self._began_at_s = self._translate(name), time.monotonic()
        if self._console.is_terminal:
            self._status = self._console.status(f"{self._name} …")
            self._status.start()
        else:
            self._console.print(f"==> {self._name}")

    def finish(self) -> None:
        """End the running step, if any, as done."""
        self._end(done=True)

    def _end(self, *, done: bool) -> None:
        if self._status is None:
            return
        self._status.stop()
        self._status = None
        mark = "✓" if done else "✗"
        self._console.print(f"{mark} {self._name} ({time.monotonic() - self._began_at_s:.1f} s)")
