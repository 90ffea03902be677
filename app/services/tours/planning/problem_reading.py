"""A tour problem as its file tells it: read, and its size looked at, before the planner is loaded."""

from __future__ import annotations

from pathlib import Path

from app.exchange.tours.problems.document import ProblemFile
from app.exchange.tours.problems.files import parse_problem, read_text
from app.exchange.tours.problems.instances import parse_instance


def read_problem(source: Path) -> ProblemFile:
    """Return the problem of a file, whose format its content says.

    Raises
    ------
    NotFoundError, InputError, DataError, TooLargeError
        One sentence naming the file and the place in it.
    """
    text = read_text(source)
    is_json = source.suffix.lower() == ".json" or text.lstrip()[:1] in {"{", "["}
    return parse_problem(text, source.name) if is_json else parse_instance(text, source.name)
